//! As much of a browser as signing in needs: cookies, and forms with what their pages hid in them.

use std::collections::BTreeMap;

use crate::support::app::TestApp;
use crate::support::client::{Client, Reply};

/// Keeps cookies and sends forms from our own pages.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    /// Cookies by name.
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A browser that was never here.
    pub fn new(app: &TestApp) -> Browser {
        Browser { client: app.nobody(), cookies: BTreeMap::new() }
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Reply {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookie = pairs.join("; ");
        let mut all = headers.to_vec();
        if !cookie.is_empty() {
            all.push(("Cookie", &cookie));
        }
        let reply = self.client.send(method, path, &all, body.map(str::as_bytes));
        for header in reply.headers.get_all("Set-Cookie") {
            let header = header.to_str().expect("a header");
            let (name, value) = header.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        reply
    }

    /// Opens a page.
    pub fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    /// Sends a form as it is.
    pub fn post_from(&mut self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Reply {
        let encoded = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.send("POST", path, &all, Some(&body.join("&")))
    }

    /// Sends a form from a page of ours that needs no session.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_from(path, &[("Sec-Fetch-Site", "same-origin")], fields)
    }

    /// Sends the form of a page, with what it hides.
    pub fn submit(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let token = self.form_token(page);
        let mut all = vec![("form", token.as_str())];
        all.extend(fields);
        self.post(path, &all)
    }

    /// Sends the form of a page with a file.
    pub fn upload(&mut self, page: &str, path: &str, fields: &[(&str, &str)], file: &str) -> Reply {
        let token = self.form_token(page);
        self.upload_as(path, &token, fields, file)
    }

    /// The same with a token that is given.
    pub fn upload_as(&mut self, path: &str, token: &str, fields: &[(&str, &str)], file: &str) -> Reply {
        let part =
            |head: &str, value: &str| format!("--xYz\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n");
        let mut body = part("name=\"form\"", token);
        for (name, value) in fields {
            body += &part(&format!("name=\"{name}\""), value);
        }
        body += &part("name=\"file\"; filename=\"days.csv\"", file);
        body += "--xYz--\r\n";
        let kind = "multipart/form-data; boundary=xYz";
        self.send("POST", path, &[("Content-Type", kind), ("Sec-Fetch-Site", "same-origin")], Some(&body))
    }

    /// What the forms of a page carry.
    pub fn form_token(&mut self, page: &str) -> String {
        let html = self.get(page).text();
        let start = html.find("name=\"form\" value=\"").unwrap_or_else(|| panic!("no form on {page}: {html}"));
        html[start + 19..].split('"').next().expect("a token").to_owned()
    }

    /// Sends the form of the sign-in page.
    pub fn sign_in(&mut self, email: &str, password: &str) -> Reply {
        self.post("/sign-in", &[("email", email), ("password", password), ("to", "")])
    }
}
