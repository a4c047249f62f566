"""openapi_test.py DMIGATE MAKE_UNIT SOURCE: holds the running service against its own description: each place and
method that is described is there and answers as described, each answer's body is of the schema for its status, and
no place that is there is left out of the description."""

import json
import os
import re
import signal
import ssl
import sys
import time

try:
    import jsonschema
except ImportError:
    print("left out: python3-jsonschema is not here")
    sys.exit(0)

from service_plant import PROFILE, Plant


def main():
    with Plant(*sys.argv[1:4]) as plant:
        tokens = plant.tokens
        served = plant.ask("GET", "/v1/openapi.json", tokens["auditor"]).json()
        with open(sys.argv[3] + "/line-integration/service/openapi.json", encoding="utf-8") as file:
            assert served == json.load(file)
        seen = {}

        def hold(method, target, answer, template):
            operation = served["paths"][template][method.lower()]
            responses = operation["responses"]
            assert str(answer.status) in responses, (method, target, answer.status, answer.body)
            response = responses[str(answer.status)]
            if "$ref" in response:
                response = served["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
            seen.setdefault((method, template), set()).add(answer.status)
            content = response.get("content")
            if not content:
                return answer
            kind = answer.headers["content-type"]
            assert kind in content, (method, target, kind)
            if kind == "application/json":
                schema = {**content[kind]["schema"], "components": served["components"]}
                jsonschema.Draft202012Validator(schema).validate(answer.json())
            return answer

        def ask(method, target, role=None, body=None, headers=None, template=None):
            answer = plant.ask(method, target, tokens.get(role), body, headers)
            return hold(method, target, answer, template or target.split("?")[0])

        # Every schema of the description is one.
        for schema in served["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema({**schema, "components": served["components"]})

        question = plant.question("CX2600417")
        jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Question", "components": served["components"]}
                                        ).validate(question)
        assert ask("POST", "/v1/check", "station", question).json()["outcome"] == "PASS"
        assert ask("POST", "/v1/check", "station", question).headers["dmigate-repeated"] == "true"
        ask("POST", "/v1/check", "station", {})
        ask("POST", "/v1/check", "engineer", {})
        ask("POST", "/v1/check", None, {})
        ask("POST", "/v1/check", "station", {**question, "profile": "nobody"})
        ask("POST", "/v1/permits", "station", plant.question("CX2600418"))
        run = {**plant.question("CX2600417", evidence=question["evidence"]), "command": ["write-image"]}
        started = ask("POST", "/v1/run/start", "station", run).json()
        end = {"request_id": "end-of-run", "record": started["record"], "exit_code": 0}
        assert ask("POST", "/v1/run/end", "station", end).json()["outcome"] == "PASS"
        assert ask("POST", "/v1/run/start", "station", run).status == 409
        assert ask("POST", "/v1/run/end", "station", {**end, "request_id": "another-end"}).status == 409
        bad = ask("POST", "/v1/check", "station", plant.question("CX9900001", evidence=question["evidence"])).json()
        assert bad["outcome"] == "FAIL"
        assert ask("GET", "/v1/units/CX2600417", "auditor", template="/v1/units/{unit}").status == 200
        assert ask("GET", "/v1/units/nobody", "auditor", template="/v1/units/{unit}").status == 404
        rework = {"action": "replace", "unit": "CX2600417", "by": "wang", "reason": "board exchanged",
                  "parts": [{"keyword": "baseboard-serial-number", "disposition": "scrap"}]}
        assert ask("POST", "/v1/rework", "engineer", rework).status == 200
        assert ask("POST", "/v1/rework", "engineer", {**rework, "unit": "nobody"}).status == 422
        assert ask("POST", "/v1/rework", "engineer", {**rework, "parts": [{"keyword": "x"}]}).status == 400
        ask("GET", "/v1/profiles", "station")
        profile = "/v1/profiles/{profile}"
        ask("GET", "/v1/profiles/direct", "station", template=profile)
        assert ask("GET", "/v1/profiles/nobody", "station", template=profile).status == 404
        newer = PROFILE.replace("version: 1", "version: 2")
        yaml = {"Content-Type": "application/yaml"}
        assert ask("PUT", "/v1/profiles/direct", "engineer", newer.encode(), yaml, profile).status == 200
        assert ask("PUT", "/v1/profiles/direct", "engineer", newer.encode(), yaml, profile).status == 422
        for wanted, outcome in ((b"no dump", "ERROR"), (json.dumps(question["evidence"]).encode(), "FAIL")):
            for form in ("jsonl", "html", "csv"):
                said = ask("POST", f"/v1/audit?format={form}", "auditor", wanted)
                assert said.status == 200 and said.headers["dmigate-outcome"] == outcome, said.body
        assert ask("POST", "/v1/audit?format=pdf", "engineer", b"x").status == 400
        assert ask("POST", "/v1/audit?profile=nobody", "engineer", b"x").status == 422
        ask("GET", "/v1/line", "auditor")
        ask("GET", "/v1/me", "station")
        scan = "/v1/stations/{station}/scan"
        for label, state in (("CX2600418", "judged"), ("CX2600417", "waiting"), ("CX9900001", "judged")):
            said = ask("GET", f"/v1/stations/L3-S07/scan?unit={label}", "station", template=scan).json()
            assert said["state"] == state, said
        assert ask("GET", "/v1/stations/L3-S07/scan", "station", template=scan).status == 400
        ask("GET", "/v1/openapi.json", "station")
        ask("GET", "/healthz")
        ask("GET", "/metrics", "auditor")
        ask("GET", "/", "station")
        ask("GET", "/login")
        ask("POST", "/login", None, b"token=" + tokens["auditor"].encode(),
            {"Content-Type": "application/x-www-form-urlencoded"})
        ask("POST", "/logout")
        ask("GET", "/assets/page.js", template="/assets/{file}")
        ask("GET", "/assets/nothing", template="/assets/{file}")
        ask("GET", "/station/L3-S07", "station", template="/station/{station}")
        ask("GET", "/line", "auditor")
        ask("GET", "/line")
        ask("GET", "/unit/CX2600417", "auditor", template="/unit/{unit}")
        ask("GET", "/profiles", "engineer")

        described = {(method.upper(), path) for path, operations in served["paths"].items() for method in operations}
        missed = described - set(seen) - {("GET", "/v1/events")}  # a stream: service_test.cc reads it
        assert not missed, missed
        # Nothing is there that is not described, and roles are as they are described.
        with open(sys.argv[3] + "/line-integration/service/desk.cc", encoding="utf-8") as file:
            places = set(re.findall(r'\{"(GET|POST|PUT)", "(/[^"]*)"', file.read()))
        assert places == described, places ^ described
        for (method, path) in sorted(described):
            roles = served["paths"][path][method.lower()]["x-roles"]
            target = re.sub(r"\{[^}]*\}", "L3-S07", path)
            for role in ("station", "engineer", "auditor"):
                if path == "/v1/events" and role in roles:
                    continue
                status = plant.ask(method, target, tokens[role], b"{}").status
                assert (status == 403) == bool(roles and role not in roles), (method, path, role, status)
        # The same over TLS: a check and its binding, a stream, SIGHUP for a new certificate, and a clean end.
        assert plant.stop() == 0
        plant.certify()
        plant.start()
        verdict = plant.check("CX2600450")
        assert verdict["outcome"] == "PASS" and verdict["profile"]["version"] == 2
        cookie = plant.ask("POST", "/login", None, b"token=" + tokens["auditor"].encode()).headers["set-cookie"]
        assert "; Secure" in cookie
        batch = plant.ask("POST", "/v1/audit", tokens["auditor"], b"no dump" * 100000)
        assert batch.status == 200 and batch.json()["no_dump"], batch.body
        old = plant.trust
        plant.certify()
        plant.service.send_signal(signal.SIGHUP)
        for _ in range(600):
            try:
                assert plant.ask("GET", "/healthz").status == 200
                break
            except ssl.SSLError:
                time.sleep(0.05)
        plant.trust, new = old, plant.trust
        try:
            plant.ask("GET", "/healthz")
            raise AssertionError("the certificate before is still there")
        except ssl.SSLError:
            plant.trust = new
        # What SIGHUP cannot use: the certificate before stays, and it is told.
        def failed():
            text = plant.ask("GET", "/metrics", tokens["auditor"]).body.decode()
            return int(re.search(r"^dmigate_reload_failed (\d)$", text, re.M).group(1))

        def reload_until(expected):
            plant.service.send_signal(signal.SIGHUP)
            for _ in range(6000):
                if failed() == expected:
                    return
                time.sleep(0.02)
            raise AssertionError(f"dmigate_reload_failed is not {expected}")

        assert failed() == 0
        for label, name, bad in (("CX2600451", "own.pem", "no certificate"), ("CX2600452", "only/direct.yaml", "profile: [")):
            with open(plant / name, encoding="utf-8") as file:
                good = file.read()
            plant.write(name, bad)
            reload_until(1)
            with open(plant / "log", encoding="utf-8") as file:
                assert re.search(f"^dmigate: not read again: .*{os.path.basename(name)}", file.read(), re.M)
            assert plant.check(label)["outcome"] == "PASS"
            plant.write(name, good)
            reload_until(0)
        os.chmod(plant / "tokens.json", 0o644)
        plant.service.send_signal(signal.SIGHUP)
        for _ in range(6000):
            with open(plant / "log", encoding="utf-8") as file:
                if "others than its owner may read" in file.read():
                    break
            time.sleep(0.02)
        else:
            raise AssertionError("a file of tokens that others may read is not told")
        os.chmod(plant / "tokens.json", 0o600)
        reload_until(0)
        assert plant.stop() == 0
        print(f"{len(described)} places, {sum(len(each) for each in seen.values())} of their answers")


main()
