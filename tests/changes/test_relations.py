"""Members, owners, roles, app roles, permissions and factors: what was given stands until that very part is taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.changes.chain import chained
from workbench.changes.exposure import exposures
from workbench.changes.stated import statements_of
from workbench.clock import SECOND
from workbench.model.change import Exposure, ExposureKind, Fate, Operation, Placed, Statement
from workbench.model.event import Act, OutcomeStatus, Place, Resource, StatedChange, Verb

ENTRA, OKTA = "entra.audit", "okta.system"
USER, OTHER, ROLE, GROUP = (
    Resource("entra:User", "u1"),
    Resource("entra:User", "u2"),
    Resource("entra:Role", "r1"),
    Resource("entra:Group", "g1"),
)
API, CLIENT = Resource("entra:ServicePrincipal", "graph"), Resource("entra:ServicePrincipal", "client")
Properties = dict[str, Any]


def step(
    action: str,
    targets: tuple[Resource, ...],
    properties: Properties | None = None,
    *,
    of: str | None = None,
    old: Properties | None = None,
    source: str = ENTRA,
) -> list[Statement]:
    """Return what an act states; properties stand on their new side, those of ``old`` on their old one."""

    def text(value: Any) -> str | None:
        return None if value is None else json.dumps(value)

    sides = properties or {}, old or {}
    names = dict.fromkeys((*sides[0], *sides[1]))
    stated = [StatedChange(name, text(sides[1].get(name)), text(sides[0].get(name)), of) for name in names]
    act = Act("s", action, Verb.DELETE if action.startswith("Remove") else Verb.DELEGATE, "t")
    return statements_of(source, act, targets, Place("acc"), stated)


def left(*steps: list[Statement]) -> list[Exposure]:
    placed = [
        Placed(event, position, event * SECOND, False, OutcomeStatus.SUCCESS, f"m{event}", each)
        for event, statements in enumerate(steps, 1)
        for position, each in enumerate(statements)
    ]
    keys = dict.fromkeys(each.statement.resource for each in placed)
    chains = [chained(each for each in placed if each.statement.resource == key) for key in keys]
    return [one for chain in chains for one in exposures(chain, accounts=frozenset(), tampering=frozenset())]


def role_act(
    action: str, who: Resource = USER, role: str = "r1", name: str = "Global Administrator"
) -> list[Statement]:
    named = {"Role.ObjectID": role, "Role.DisplayName": name, "Role.TemplateId": f"template of {role}"}
    removing = action.startswith("Remove")
    targets = (who, Resource("entra:Role", role), Resource("entra:Role", f"template of {role}"))
    return step(action, targets, None if removing else named, old=named if removing else None, of=who.name)


@pytest.mark.parametrize("eligible", ["", "eligible "])
@pytest.mark.parametrize("more", ["", " in PIM completed (permanent)", " outside of PIM (permanent)"])
def test_who_was_put_into_a_role(eligible: str, more: str) -> None:
    into = role_act(f"Add {eligible}member to role{more}")
    (found,) = left(into)
    assert (found.kind, found.fate, found.title) == (
        ExposureKind.GRANT,
        Fate.STANDING,
        "Global Administrator (r1)",
    )
    assert "u1" in found.what
    out = role_act(f"Remove {eligible}member from role{more}")
    assert [each.fate for each in left(into, out)] == [Fate.UNDONE]
    assert left(out) == []
    for another in (
        role_act(f"Remove {eligible}member from role", OTHER),
        role_act(f"Remove {eligible}member from role", role="r2"),
        role_act(f"Remove {'' if eligible else 'eligible '}member from role"),
    ):
        assert [each.fate for each in left(into, another)] == [Fate.STANDING]


@pytest.mark.parametrize(
    "action",
    [
        "Add member to role in PIM requested (permanent)",
        "Add member to role approval requested (PIM activation)",
        "Add member to role request denied (PIM activation)",
        "Add member to role canceled (PIM activation)",
    ],
)
def test_what_was_asked_for_was_not_given(action: str) -> None:
    assert left(role_act(action)) == []


def test_a_role_that_pim_records_without_its_properties() -> None:
    targets = (
        ROLE,
        Resource("entra:Role name", "Application Administrator"),
        Resource("entra:Request", "q"),
        USER,
    )
    (found,) = left(
        step("Add member to role in PIM completed (permanent)", targets, {"TemplateId": "t"}, of="r1")
    )
    assert (found.title, found.fate) == ("Application Administrator (r1)", Fate.STANDING)
    assert "u1" in found.what


def test_groups_and_owners() -> None:
    member = {"Group.ObjectID": "g1", "Group.DisplayName": "Admins"}
    into = step("Add member to group", (USER, GROUP), member, of="u1")
    assert [(each.title, each.what[:9]) for each in left(into)] == [("Admins (g1)", "member u1")]
    assert [
        each.fate for each in left(into, step("Remove member from group", (USER, GROUP), old=member, of="u1"))
    ] == [Fate.UNDONE]
    nested = Resource("entra:Group", "g2")
    (found,) = left(step("Add member to group", (nested, GROUP), member, of="g2"))
    assert (found.resource.name, found.what[:9]) == ("g1", "member g2")
    for kind, name in (
        ("Application", "application"),
        ("ServicePrincipal", "service principal"),
        ("Group", "group"),
    ):
        held = Resource(f"entra:{kind}", "held")
        named = {f"{kind}.ObjectID": "held"}
        owner = step(f"Add owner to {name}", (USER, held), named, of="u1")
        gone = step(f"Remove owner from {name}", (USER, held), old=named, of="u1")
        assert [(each.resource.name, each.rule) for each in left(owner)] == [("held", "owner")]
        assert [each.fate for each in left(owner, gone)] == [Fate.UNDONE]
        assert left(gone) == []


def test_the_unified_log_names_the_user_twice() -> None:
    targets = (Resource("entra:object", "u1@x"), USER)
    named = {"Role.ObjectID": "r1", "Role.DisplayName": "Global Administrator"}
    into = step("Add member to role.", targets, named, source="m365.ual")
    out = step("Remove member from role.", targets, old=named, source="m365.ual")
    assert [(each.title, each.what[:9]) for each in left(into)] == [
        ("Global Administrator (r1)", "member u1")
    ]
    assert [each.fate for each in left(into, out)] == [Fate.UNDONE]


def test_app_roles() -> None:
    def named(role: str, to: str) -> Properties:
        return {"AppRole.Id": f"id of {role}", "AppRole.Value": role, "ServicePrincipal.ObjectID": to}

    def given(role: str, to: str) -> list[Statement]:
        return step(
            "Add app role assignment to service principal", (API, CLIENT), named(role, to), of="graph"
        )

    def taken(role: str, to: str) -> list[Statement]:
        action = "Remove app role assignment from service principal"
        return step(action, (API, CLIENT), old=named(role, to), of="graph")

    (found,) = left(given("Mail.Read", "client"))
    assert (found.resource.name, found.fate) == ("graph", Fate.STANDING)
    assert found.what.startswith("app role Mail.Read, to client")
    assert [each.fate for each in left(given("Mail.Read", "client"), taken("Mail.Read", "client"))] == [
        Fate.UNDONE
    ]
    for role, to in (("User.Read", "client"), ("Mail.Read", "another")):
        assert [each.fate for each in left(given("Mail.Read", "client"), taken(role, to))] == [Fate.STANDING]
    assert left(taken("Mail.Read", "client")) == []


def test_delegated_permissions() -> None:
    def granted(before: str | None, after: str | None, action: str, to: str = "client") -> list[Statement]:
        return step(
            f"{action} delegated permission grant",
            (API, CLIENT),
            {"DelegatedPermissionGrant.Scope": after, "ServicePrincipal.ObjectID": to if after else None},
            old={
                "DelegatedPermissionGrant.Scope": before,
                "ServicePrincipal.ObjectID": None if after else to,
            },
            of="graph",
        )

    first = granted(None, " Mail.ReadWrite User.Read", "Add")
    assert [(each.what.partition(";")[0], each.fate) for each in left(first)] == [
        ("delegated permission Mail.ReadWrite, to client", Fate.STANDING),
        ("delegated permission User.Read, to client", Fate.STANDING),
    ]
    less = granted("Mail.ReadWrite User.Read", "Mail.ReadWrite", "Update")
    assert [each.fate for each in left(first, less)] == [Fate.STANDING, Fate.UNDONE]
    assert left(less) == left(granted("User.Read", "", "Remove")) == []
    whole = granted("Mail.ReadWrite User.Read", "", "Remove")
    assert [each.fate for each in left(first, whole)] == [Fate.UNDONE, Fate.UNDONE]
    another = granted("Mail.ReadWrite User.Read", "", "Remove", to="another")
    assert [each.fate for each in left(first, another)] == [Fate.STANDING, Fate.STANDING]
    consent = step(
        "Consent to application", (CLIENT,), {"ConsentAction.Permissions": "[] => [[Scope: Mail.ReadWrite]]"}
    )
    assert [each.fate for each in left(consent, another)] == [Fate.STANDING]
    assert Fate.PERHAPS in [each.fate for each in left(consent, whole)]


@pytest.mark.parametrize("kind", ["user", "usergroup"])
def test_admin_roles_of_okta(kind: str) -> None:
    act = "group.privilege" if kind == "usergroup" else "user.account.privilege"
    holder = Resource(f"okta:{kind}", "h")
    text = "Super administrator, Group administrator (a, b)"
    given = step(f"{act}.grant", (holder,), {"privilegeGranted": text}, source=OKTA)
    found = left(given)
    assert [each.what.partition(";")[0] for each in found] == [
        "role Super administrator",
        "role Group administrator (a, b)",
    ]
    taken = step(f"{act}.revoke", (holder,), {"privilegeRevoked": "Super administrator"}, source=OKTA)
    assert [each.fate for each in left(given, taken)] == [Fate.UNDONE, Fate.STANDING]
    everything = step(f"{act}.revoke", (holder,), {"privilegeRevoked": "All roles"}, source=OKTA)
    assert [each.fate for each in left(given, everything)] == [Fate.UNDONE, Fate.UNDONE]
    unsaid = step(f"{act}.revoke", (holder,), source=OKTA)
    assert [each.operation for each in unsaid] == [Operation.SET]
    assert [each.fate for each in left(given, unsaid)] == [Fate.PERHAPS, Fate.PERHAPS]
    assert left(taken) == left(unsaid) == []


def test_factors_that_were_taken_away() -> None:
    user = Resource("okta:user", "u")
    named = step("user.mfa.factor.deactivate", (user,), {"factor": "GOOGLE_OTP"}, source=OKTA)
    unnamed = step("user.mfa.factor.deactivate", (user,), source=OKTA)
    every = step("user.mfa.factor.reset_all", (user,), source=OKTA)
    enrolled = step("user.mfa.factor.activate", (user,), {"factor": "OKTA_VERIFY"}, source=OKTA)
    for lost in (named, unnamed, every):
        (found,) = left(lost)
        assert (found.kind, found.fate) == (ExposureKind.CREDENTIAL, Fate.STANDING)
        # Whoever takes a factor away may enrol the next one.
        (found,) = left(lost, enrolled)
        assert (found.fate, "OKTA_VERIFY" in (found.remark or "")) == (Fate.PERHAPS, True)
    assert "GOOGLE_OTP" in left(named)[0].what
    assert left(enrolled) == []


def test_factors_of_entra() -> None:
    lost = step("Admin deleted security info", (USER,))
    enrolled = step("User registered security info", (USER,))
    assert [each.fate for each in left(lost)] == [Fate.STANDING]
    assert [each.fate for each in left(lost, enrolled)] == [Fate.PERHAPS]
    method = [{"MethodType": 7}, {"MethodType": 6}]
    less = step(
        "Update user",
        (USER,),
        {"StrongAuthenticationMethod": method[:1]},
        old={"StrongAuthenticationMethod": method},
    )
    (found,) = left(less)
    assert (found.rule, found.what, found.fate) == (
        "MFA factor taken away",
        'MFA method taken away: {"MethodType":6}',
        Fate.STANDING,
    )
    again = step("Update user", (USER,), {"StrongAuthenticationMethod": method})
    assert [each.fate for each in left(less, again)] == [Fate.UNDONE]


def test_the_same_role_within_another_scope_is_another_grant() -> None:
    def scoped(done: str, unit: str | None) -> list[Statement]:
        units = () if unit is None else (Resource("entra:AdministrativeUnit", unit),)
        named = {"Role.ObjectID": "r1"}
        removing = done == "Remove"
        action = f"{done} scoped member {'from' if removing else 'to'} role"
        return step(
            action,
            (USER, ROLE, *units),
            None if removing else named,
            old=named if removing else None,
            of="u1",
        )

    given = scoped("Add", "a1")
    assert [each.what.partition(";")[0] for each in left(given)] == ["member within a scope u1, within a1"]
    assert [each.fate for each in left(given, scoped("Remove", "a1"))] == [Fate.UNDONE]
    assert [each.fate for each in left(given, scoped("Remove", "a2"))] == [Fate.STANDING]
    assert [each.fate for each in left(given, scoped("Remove", None))] == [Fate.PERHAPS]
    assert [each.fate for each in left(scoped("Add", None), scoped("Remove", None))] == [Fate.PERHAPS]


def test_what_is_taken_from_somebody_unnamed_undoes_nothing_for_sure() -> None:
    role = {"AppRole.Value": "Mail.Read"}
    given = step("Add app role assignment to service principal", (API,), role, of=None)
    taken = step("Remove app role assignment from service principal", (API,), old=role)
    assert [each.fate for each in left(given, taken)] == [Fate.PERHAPS]
    scope, principal = "DelegatedPermissionGrant.Scope", {"DelegatedPermissionGrant.ConsentType": "Principal"}
    given = step(
        "Add delegated permission grant", (API, CLIENT), {scope: "Mail.Read", **principal}, of="graph"
    )
    taken = step(
        "Remove delegated permission grant", (API, CLIENT), old={scope: "Mail.Read", **principal}, of="graph"
    )
    assert [each.fate for each in left(given, taken)] == [Fate.PERHAPS]
    targets = (API, CLIENT, USER)
    given = step("Add delegated permission grant", targets, {scope: "Mail.Read", **principal}, of="graph")
    taken = step(
        "Remove delegated permission grant", targets, old={scope: "Mail.Read", **principal}, of="graph"
    )
    assert [each.fate for each in left(given, taken)] == [Fate.UNDONE]
