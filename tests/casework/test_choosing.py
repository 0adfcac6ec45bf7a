"""What a session's own records say of its opening, as far as a tag may rest on it."""

from __future__ import annotations

from tests.sessions.world_maker import HUMAN, MINUTE, Story, Who, temporary, user
from workbench.casework.choosing import _opening
from workbench.model.event import Credential, Identity, Verb
from workbench.model.session import Strength


def test_the_issue_of_another_key_opened_no_session() -> None:
    """One event of the session also presents a key whose issue is proven; nothing shows how the session itself began."""
    story = Story()
    okta = Credential("okta session", "1")
    story.issues(Who(user("ops"), Credential("okta session", "9")), temporary("1"))
    eve = Who(user("eve"), okta, kind=HUMAN, source="okta.system")
    story.does(eve._replace(keys=(temporary("1"),)), at=MINUTE)
    done = story.does(eve, at=2 * MINUTE)
    session = story.outcome().session(done)
    assert session.strength is Strength.PROVEN
    assert _opening(session) is Strength.INFERRED


def test_the_sign_in_that_names_a_session_opened_it() -> None:
    story = Story()
    entra = Credential("entra session", "1")
    ann = Who(Identity("ann", "ann"), entra, kind=HUMAN, source="entra.signin")
    done = story.does(ann, "sign-in", verb=Verb.AUTHENTICATE)
    session = story.outcome().session(done)
    assert _opening(session) is Strength.PROVEN
    assert _opening(None) is Strength.UNPROVEN
