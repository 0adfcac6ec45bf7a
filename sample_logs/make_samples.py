"""Write the logs of fictitious incidents, and the ground truth about them.

``python sample_logs/make_samples.py [OUT_DIR]`` writes into OUT_DIR, by default the folder of this script:
``evidence/`` (what the responders were handed) and ``truth.json`` of the incident at Northwind Harbour, told
below; and for each of the other incidents a folder with ``evidence/``, ``evidence-siem/`` (the same records in
other encodings) and ``truth.json``. Standard library only; each run gives the same bytes.

The story, 4 March 2026, all times UTC. Northwind Harbour runs two AWS accounts: 111122223333 (identities, CI,
the application server) and 444455556666 (production data). Everything is invented: addresses come from the
documentation ranges of RFC 5737, and 999988887777 stands for an account of somebody else.

* 11:08 Somebody at 203.0.113.77 tries the password of the emergency user, in vain.
* 11:20 jdoe, who signed in from the office at 10:06, is federated again, now with a browser at 203.0.113.77.
* 11:26 The session makes the user svc-backup, an administrator with a long-term key, and opens the role
  deploy-admin to account 999988887777.
* 11:33 The key is used from 203.0.113.99 by a command line client: deploy-admin, then harbour-deploy in the
  production account (recorded in both accounts), the secret prod/db, 38 manifests from storage.
* 11:39 A command is run on the application server; then the instance's role credentials are used from
  203.0.113.99, while the server's own agent goes on with another key of the same role session.
* 11:41 Management events are taken out of the trail of 111122223333; at 11:42 it is stopped. The trail of the
  production account goes on, and so does the event history, which no trail can stop.
* 11:52 Account 999988887777 walks in by the opened role and gives svc-backup a console password. At 12:02 a
  snapshot is shared with it.
* 12:24 The engineer on call signs in, restarts the trail (12:30) and switches the key off (12:33).

Around it run a deployment workflow, monitoring, two Lambda functions, services and people at work. Some of it
looks like the attack, such as the workflow's own hop into the production account.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import harbourline.delivery
import harbourline.story
import quillbank.delivery
import quillbank.story
import tallowmere.delivery
import tallowmere.story
from northwind import attack, background, people, signin, silence
from northwind.delivery import deliver
from northwind.story import Story
from northwind.truth import ground_truth
from shapes.exports import Files
from shapes.truth import ground_truth as truth_of

INCIDENTS = {"harbourline": harbourline, "tallowmere": tallowmere, "quillbank": quillbank}
"""The other incidents: each tells its story and delivers it in two ways."""


def tell() -> Story:
    """Return the whole story."""
    story = Story()
    background.deployments(story)
    background.monitoring(story)
    background.functions(story)
    background.services(story)
    background.legacy_roles(story)
    on_call = people.people(story)
    signin.failed_sign_ins(story)
    attack.persistence(story)
    admin, prod = attack.new_key(story)
    attack.data(story, prod)
    attack.insight(story)
    silence.instance(story, admin)
    silence.endpoint(story)
    silence.silence(story, admin)
    silence.repair(story, on_call)
    return story


def as_text(truth: dict[str, Any]) -> str:
    """Return the ground truth as JSON, one line a fact, so that a change shows in a diff."""
    parts = []
    for name, value in truth.items():
        if isinstance(value, dict) and value:
            lines = (f"  {json.dumps(key)}: {json.dumps(fact)}" for key, fact in value.items())
            text = "{\n" + ",\n".join(lines) + "\n }"
        elif isinstance(value, list) and value:
            text = "[\n" + ",\n".join(f"  {json.dumps(fact)}" for fact in value) + "\n ]"
        else:
            text = json.dumps(value)
        parts.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Write the files. Returns the exit status: 2 for wrong usage."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.stderr.write("usage: python sample_logs/make_samples.py [OUT_DIR]\n")
        return 2
    target = Path(arguments[0]) if arguments else Path(__file__).parent
    story = tell()
    delivery = deliver(story)
    write(target / "evidence", delivery.files)
    write(target, {"truth.json": as_text(ground_truth(story, delivery)).encode()})
    for name, incident in INCIDENTS.items():
        told = incident.story.tell()
        write(target / name / "evidence", incident.delivery.native(told))
        write(target / name / "evidence-siem", incident.delivery.siem(told))
        write(target / name, {"truth.json": as_text(truth_of(told)).encode()})
    return 0


def write(folder: Path, files: Files) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    sys.stdout.write(f"{len(files)} files in {folder}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
