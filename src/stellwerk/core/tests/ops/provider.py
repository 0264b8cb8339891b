"""A small OpenID provider for tests: discovery, authorize, token, keys, userinfo. Everybody it knows signs in at once."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "stellwerk", "only-for-tests"


class Provider:
    """``person`` is who signs in next: the claims that it tells."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person: dict[str, Any] = {}
        self.codes: dict[str, dict[str, Any]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def authorize(self, query: dict[str, list[str]]) -> str:
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = {
            "person": dict(self.person),
            "nonce": query.get("nonce", [""])[0],
            "challenge": query.get("code_challenge", [""])[0],
            "redirect": query["redirect_uri"][0],
        }
        return f"{query['redirect_uri'][0]}?{urlencode({'code': code, 'state': query['state'][0]})}"

    def token(self, form: dict[str, list[str]], authorization: str) -> dict[str, Any] | None:
        granted = self.codes.pop(form.get("code", [""])[0], None)
        verifier = form.get("code_verifier", [""])[0].encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        by_header = authorization == "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        by_form = form.get("client_secret") == [SECRET]
        if granted is None or not (by_header or by_form) or challenge != granted["challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, **granted["person"]}
        identity = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "one"})
        access = jwt.encode({"person": granted["person"]}, "a-key-that-is-long-enough-for-hs256!", algorithm="HS256")
        return {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": identity}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: Any) -> None:
                pass

            def answer(self, data: Any, status: int = 200) -> None:
                body = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/.well-known/openid-configuration":
                    url = provider.url
                    self.answer({
                        "issuer": url, "authorization_endpoint": f"{url}/authorize", "token_endpoint": f"{url}/token",
                        "jwks_uri": f"{url}/keys", "userinfo_endpoint": f"{url}/userinfo",
                        "response_types_supported": ["code"], "id_token_signing_alg_values_supported": ["RS256"],
                        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                    })  # fmt: skip
                elif parts.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(parse_qs(parts.query)))
                    self.end_headers()
                elif parts.path == "/keys":
                    public = json.loads(RSAAlgorithm.to_jwk(provider.key.public_key()))
                    self.answer({"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]})
                elif parts.path == "/userinfo":
                    token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                    self.answer(jwt.decode(token, options={"verify_signature": False})["person"])
                else:
                    self.answer({"error": "not found"}, 404)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
                tokens = provider.token(form, self.headers.get("Authorization", ""))
                self.answer(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

        return Handler
