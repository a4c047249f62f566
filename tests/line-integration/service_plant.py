"""A plant with the real dmigate serve, for tests in Python: its folder, its tokens, and questions whose answers are
held against their binding. Used by pages_test.py and openapi_test.py."""

import hashlib
import hmac
import http.client
import json
import os
import secrets
import shutil
import signal
import ssl
import subprocess
import tempfile

PROFILE = """profile: direct
version: 1
description: goes from its image to shipping
extends: [cmge]
match:
  baseboard-product-name: [H310CM-A]
stages:
  pre-image: {}
  ship: { after: pre-image }
"""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Plant:
    def __init__(self, dmigate, make_unit, source):
        self.dmigate, self.make_unit, self.source = dmigate, make_unit, source
        self.folder = tempfile.mkdtemp(prefix="dmigate-test-")
        os.mkdir(self / "only")
        self.write("only/direct.yaml", PROFILE)
        self.write("station.yaml", "line: L3\nregistry: registry.db\nprofiles: [only]\n"
                   "allow_registry_on: [tmpfs, ramfs, overlay]\nregistry_timeout: 2s\npermit_key: permit.key\n")
        self.run("permit", "keygen", "permit.key")
        self.run("registry", "init")
        self.tokens = {role: self.token(name, role)
                       for name, role in (("L3-S07", "station"), ("wang", "engineer"), ("li", "auditor"))}
        self.service, self.port, self.trust = None, 0, None
        self.units = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __truediv__(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self / name, "w", encoding="utf-8") as file:
            file.write(text)

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DMIGATE_")}
        return {**kept, "DMIGATE_CONFIG": self / "station.yaml", "LC_ALL": "C"}

    def run(self, *words, statuses=(0,)):
        done = subprocess.run([self.dmigate, *words], cwd=self.folder, env=self.environment(), check=False,
                              capture_output=True, text=True)
        assert done.returncode in statuses, (words, done.returncode, done.stderr, done.stdout)
        return done.stdout

    def token(self, name, role):
        return self.run("serve", "token", "add", name, "--role", role, "--line", "L3", "--tokens",
                        self / "tokens.json").strip()

    def certify(self):
        """From the next start on it speaks TLS, and its certificate is looked at."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", self / "own.key", "-out", self / "own.pem", "-days", "1", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        self.trust = ssl.create_default_context(cafile=self / "own.pem")

    def start(self):
        more = ["--certificate", self / "own.pem", "--key", self / "own.key"] if self.trust else []
        self.service = subprocess.Popen(
            [self.dmigate, "serve", "--listen", f"127.0.0.1:{self.port}", "--tokens", self / "tokens.json", *more],
            cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE, stderr=open(self / "log", "ab"), text=True)
        said = self.service.stdout.readline()
        assert ("https://" if self.trust else "http://") in said, said
        self.port = int(said.strip().rsplit(":", 1)[1])

    def stop(self, how=signal.SIGTERM):
        if self.service is None:
            return None
        self.service.send_signal(how)
        status = self.service.wait()
        self.service.stdout.close()
        self.service = None
        return status

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def unit(self, label, changes=()):
        """The evidence of a good unit with that serial, and with some words of its description changed."""
        with open(os.path.join(self.source, "fixtures/units/good-unit.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.units += 1
        own = [("CX2600417", label), ("HB26031187", "HB" + label[2:]),
               ("2b7f60c4d513", f"{self.units:012x}"), *changes]
        for found, instead in own:
            assert found in text, found
            text = text.replace(found, instead)
        name = self / f"unit{self.units}"
        self.write(f"unit{self.units}.yaml", text)
        subprocess.run([self.make_unit, name + ".yaml", name], check=True, cwd=self.folder)
        with open(os.path.join(name, "DMI"), "rb") as file:
            data = file.read()
        with open(os.path.join(name, "smbios_entry_point"), "rb") as file:
            entry = file.read()
        with open(os.path.join(name, "evidence.json"), encoding="utf-8") as file:
            beside = json.load(file)
        import base64
        return {**beside, "schema": "dmigate.evidence/1",
                "table": {"entry_point": base64.b64encode(entry).decode(), "data": base64.b64encode(data).decode(),
                          "sha256": hashlib.sha256(data).hexdigest()}}

    def question(self, label, stage="pre-image", **more):
        return {"request_id": secrets.token_hex(8), "stage": stage, "unit": label,
                "evidence": more.pop("evidence", None) or self.unit(label), **more}

    def ask(self, method, target, token=None, body=None, headers=None, bound=None):
        """An answer; where the place binds its answers, the binding is computed here from docs/service.md."""
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = "Bearer " + token
        binds = bound if bound is not None else target in ("/v1/check", "/v1/permits", "/v1/run/start", "/v1/run/end")
        nonce = secrets.token_hex(32)
        if binds:
            sent["Dmigate-Nonce"] = nonce
        line = (http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.trust) if self.trust
                else http.client.HTTPConnection("127.0.0.1", self.port, timeout=60))
        line.request(method, target, body=content if method != "GET" else None, headers=sent)
        got = line.getresponse()
        answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        line.close()
        if binds and "dmigate-binding" in answer.headers:
            key = hmac.new(token.encode(), b"dmigate token bind v1", hashlib.sha256).digest()
            message = (f"dmigate answer v1\n{method} {target}\n{nonce}\n{answer.status}\n"
                       f"{hashlib.sha256(content).hexdigest()}\n{hashlib.sha256(answer.body).hexdigest()}")
            assert answer.headers["dmigate-binding"] == hmac.new(key, message.encode(), hashlib.sha256).hexdigest()
        elif binds:
            assert answer.status in (401, 403, 405, 413, 429, 431, 503), answer.status
        return answer

    def check(self, label, stage="pre-image", **more):
        answer = self.ask("POST", "/v1/check", self.tokens["station"], self.question(label, stage, **more))
        assert answer.status == 200, answer.body
        return answer.json()
