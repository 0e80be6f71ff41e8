"""A real OpenID Connect provider (pyop) that a test can make lie.

Called with one JSON object: folder, now (seconds; its clock stands still), client_id, client_secret and redirect_uri.
It listens by TLS on a free loopback port and prints it. Into the folder it writes ca.pem and requests, one path a line.
It signs in whoever says.json of the folder names, without asking: user and claims. Beside that says.json may hold bend
(claims that replace those of the signed identity), alg and key ("other") to sign them with, and moved: an address in
place of its token endpoint. It ends when its input is closed.
"""

import base64
import json
import os
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlparse

import trustme
from Cryptodome.PublicKey import RSA
from jwkest.jwk import RSAKey, SYMKey
from jwkest.jws import JWS
from pyop.authz_state import AuthorizationState
from pyop.exceptions import InvalidClientAuthentication, OAuthError
from pyop.provider import Provider
from pyop.subject_identifier import HashBasedSubjectIdentifierFactory
from pyop.userinfo import Userinfo

OPTIONS = json.loads(sys.argv[1])
time.time = lambda: OPTIONS["now"]


def path(name):
    return os.path.join(OPTIONS["folder"], name)


def says():
    with open(path("says.json"), encoding="utf-8") as file:
        return json.load(file)


class Users(dict):
    """Everybody exists: says.json decides who comes."""

    def __missing__(self, user):
        return {"sub": user}


def make_provider(issuer):
    client = {
        "client_secret": OPTIONS["client_secret"],
        "redirect_uris": [OPTIONS["redirect_uri"]],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
    }
    information = {
        "issuer": issuer,
        "authorization_endpoint": issuer + "/authorize",
        "token_endpoint": issuer + "/token",
        "jwks_uri": issuer + "/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "email"],
    }
    key = RSAKey(key=RSA.generate(2048), kid="first", alg="RS256")
    state = AuthorizationState(HashBasedSubjectIdentifierFactory("salt"))
    return Provider(key, information, state, {OPTIONS["client_id"]: client}, Userinfo(Users()))


def bent(provider, token):
    """The identity as says.json wants it to be."""
    asked = says()
    if not asked.get("bend") and not asked.get("alg") and not asked.get("key"):
        return token
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims.update(asked.get("bend") or {})
    claims = {name: value for name, value in claims.items() if value is not None}
    algorithm = asked.get("alg") or "RS256"
    key = RSAKey(key=provider.signing_key.key, kid="first", alg=algorithm)
    if asked.get("key") == "other":
        key = RSAKey(key=RSA.generate(2048), kid="first", alg="RS256")
    if algorithm == "HS256":
        # The public key as a shared secret: the usual confusion.
        key = SYMKey(key=provider.signing_key.key.publickey().export_key().decode(), kid="first", alg="HS256")
    if algorithm == "none":
        part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        return f"{part({'alg': 'none'})}.{part(claims)}."
    return JWS(json.dumps(claims), alg=algorithm, kid="first").sign_compact([key])


class Handler(BaseHTTPRequestHandler):
    provider = None

    def log_message(self, *_):
        pass

    def note(self):
        with open(path("requests"), "a", encoding="utf-8") as file:
            file.write(self.path.split("?")[0] + "\n")

    def send(self, status, body=None, headers=()):
        data = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.note()
        where = urlparse(self.path)
        if where.path == "/.well-known/openid-configuration":
            information = self.provider.provider_configuration.to_dict()
            moved = says().get("moved")
            self.send(200, {**information, **({"token_endpoint": moved} if moved else {})})
        elif where.path == "/jwks":
            self.send(200, self.provider.jwks)
        elif where.path == "/authorize":
            request = self.provider.parse_authentication_request(where.query)
            answer = self.provider.authorize(request, says()["user"])
            self.send(302, headers=[("Location", answer.request(request["redirect_uri"]))])
        else:
            self.send(404)

    def do_POST(self):
        self.note()
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            answer = self.provider.handle_token_request(body, {name.title(): value for name, value in self.headers.items()}, says().get("claims")).to_dict()
        except (InvalidClientAuthentication, OAuthError) as error:
            self.send(400, {"error": "invalid_grant", "error_description": str(error)})
            return
        self.send(200, {**answer, "id_token": bent(self.provider, answer["id_token"])})


authority = trustme.CA()
authority.cert_pem.write_to_path(path("ca.pem"))
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
Handler.provider = make_provider(f"https://localhost:{server.server_port}")
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
