//! The page of reports: what can be chosen, what is wrong with days, and the way to the files.

use super::Pages;

#[test]
fn a_report_is_chosen_shown_and_taken_along() {
    let pages = Pages::start();
    let html = pages.get(&pages.office, "/reports?from=2027-01-04&to=2027-01-31").text();
    for words in [
        "<h1>Reports: Service fidelity</h1>",
        "<option value=\"service-fidelity\" selected>",
        "January 31, 2027",
        "Delivered or made up, percent",
        "SR-2026-0001",
        "<th scope=\"row\">Total</th>",
        "/reports/service-fidelity.csv?from=2027-01-04&#38;to=2027-01-31",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let csv = pages.get(&pages.office, "/reports/service-fidelity.csv?from=2027-01-04&to=2027-01-31");
    assert!(csv.header("Content-Disposition").contains("service-fidelity-2027-01-04-to-2027-01-31.csv"));
    assert!(csv.text().contains("Last day,2027-01-31,"), "{}", csv.text());
    let xlsx = pages.get(&pages.finance, "/reports/time-and-effort.xlsx?from=2027-01-04&to=2027-01-20");
    assert!(xlsx.header("Content-Disposition").contains("time-and-effort-2027-01-01-to-2027-01-31.xlsx"));
    assert!(xlsx.body.starts_with(b"PK"));
}

#[test]
fn finance_sees_whole_months_without_requests() {
    let pages = Pages::start();
    let html = pages.get(&pages.finance, "/reports?from=2027-01-04&to=2027-01-20").text();
    assert!(html.contains("January 1, 2027") && html.contains("January 31, 2027"), "{html}");
    assert!(!html.contains("SR-2026") && !html.contains("Provider absent") && !html.contains("Evaluation clocks"));
    assert!(html.contains("href=\"/reports\"") && html.contains("Time and effort"), "{html}");
}

#[test]
fn days_that_cannot_be_are_named_beside_the_form() {
    let pages = Pages::start();
    for (query, field, words) in [
        ("from=1/4/2027", "from", "Write the first day as a date, like 2027-01-04"),
        ("from=2027-01-04&to=2027-01-03", "to", "The last day must be on or after the first day"),
        ("from=2027-01-04", "to", "The last day must be on or after the first day"),
    ] {
        let reply = pages.get(&pages.office, &format!("/reports?{query}"));
        let html = reply.text();
        if query == "from=2027-01-04" {
            // The term has not begun, so it is shown whole.
            assert_eq!(reply.status, 200, "{html}");
            continue;
        }
        assert_eq!(reply.status, 422, "{html}");
        assert!(
            html.contains("There is a problem") && html.contains(&format!("<a href=\"#{field}\">{words}")),
            "{html}"
        );
        assert!(html.contains("<title>Error: Reports") && !html.contains("<table"), "{html}");
    }
    let led = pages.get(&pages.office, "/reports/service-fidelity.csv?from=2027-01-04&to=2027-01-03");
    let back = "/reports?report=service-fidelity&from=2027-01-04&to=2027-01-03";
    assert_eq!((led.status, led.header("Location")), (303, back));
    assert_eq!(pages.get(&pages.office, back).status, 422);
    let evil = pages.get(&pages.office, "/reports/service-fidelity.csv?from=%0d%0aX:1&to=%22");
    assert_eq!((evil.status, evil.header("Location")), (303, "/reports?report=service-fidelity&"));
}
