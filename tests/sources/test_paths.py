from __future__ import annotations

from workbench.sources.paths import Fields, folded


def test_names_are_found_in_any_case_and_the_exact_one_wins() -> None:
    fields = Fields({"EVENTNAME": "other", "eventName": "exact", "awsregion": "r"})
    assert fields.get("eventName") == "exact"
    assert fields.get("awsRegion") == "r"
    assert fields.get("missing") is None
    assert fields.has("AwsRegion")
    assert not fields.has("missing")


def test_columns_become_an_object_again() -> None:
    fields = Fields(
        {
            "userIdentity.arn": "a",
            "useridentity.sessioncontext.attributes.mfaAuthenticated": "true",
            "useridentity.empty": "",
            "useridentity.arn.deeper": "lost under a text",
        }
    )
    assert fields.flattened("userIdentity") == {
        "arn": "a",
        "sessioncontext": {"attributes": {"mfaAuthenticated": "true"}},
    }


def test_folding_keeps_the_first_that_says_something() -> None:
    assert folded({"ARN": None, "arn": "x", "Arn": "y"}) == {"arn": "x"}
