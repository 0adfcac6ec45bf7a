"""What kind of act a method of a Google Cloud API is.

``methodName`` is the API's own: ``google.iam.admin.v1.CreateServiceAccountKey``, ``v1.compute.instances.setMetadata``,
``storage.objects.get``, ``SetIamPolicy``. The last word tells the act, the words before it the thing acted upon.
"""

from __future__ import annotations

import re

from workbench.model.event import Verb
from workbench.sources.interning import remembered

_GRANTS = "override: grants access"
_ISSUES = "override: makes a credential"
_RUNS = "override: runs code"
_SIGN_IN = "override: sign-in"
_SECRET = "override: hands out a secret"
_KEY = "override: uses a key"

_ANYWHERE: dict[str, tuple[Verb, str]] = {
    name: (verb, rule)
    for verb, rule, names in (
        (
            Verb.DELEGATE,
            _GRANTS,
            "setiampolicy setiampermissions createworkloadidentitypool createworkloadidentitypoolprovider "
            "updateworkloadidentitypoolprovider updateworkloadidentitypool createworkforcepool "
            "createworkforcepoolprovider updateworkforcepoolprovider insertprojectownershipinvite importsshpublickey",
        ),
        (
            Verb.ISSUE_CREDENTIAL,
            _ISSUES,
            "createserviceaccountkey uploadserviceaccountkey generateaccesstoken generateidtoken signjwt signblob "
            "exchangetoken createhmackey generateclientcertificate generateephemeralcert createephemeral",
        ),
        (Verb.READ_SECRET, _SECRET, "accesssecretversion getkeystring"),
        (
            Verb.EXECUTE,
            _RUNS,
            "createbuild runbuildtrigger retrybuild callfunction runjob createexecution submitjob submitjobasoperation "
            "insertjob predict generatecontent streamgeneratecontent executesql",
        ),
    )
    for name in names.split()
}
"""Last words that mean one thing in every service."""

_IN_SERVICE: dict[tuple[str, str], tuple[Verb, str]] = {
    (service, name): (verb, rule)
    for service, verb, rule, names in (
        ("iam", Verb.DELEGATE, _GRANTS, "createrole updaterole undeleterole"),
        ("admin", Verb.DELEGATE, _GRANTS, "addgroupmember assignrole addprivilege grantadminprivilege"),
        (
            "admin",
            Verb.DELEGATE,
            "override: trusts an identity provider",
            "inboundssoprofilecreated inboundssoprofileupdated",
        ),
        ("admin", Verb.DELETE, "override: deletes", "inboundssoprofiledeleted"),
        ("storage", Verb.ISSUE_CREDENTIAL, _ISSUES, "hmackeys.create"),
        ("apikeys", Verb.ISSUE_CREDENTIAL, _ISSUES, "createkey"),
        (
            "cloudkms",
            Verb.OTHER,
            _KEY,
            "encrypt decrypt asymmetricsign asymmetricdecrypt macsign macverify rawencrypt rawdecrypt",
        ),
        ("cloudfunctions", Verb.EXECUTE, "override: deploys code", "createfunction updatefunction"),
        (
            "run",
            Verb.EXECUTE,
            "override: deploys code",
            "createservice updateservice replaceservice createjob updatejob replacejob",
        ),
        ("bigquery", Verb.EXECUTE, _RUNS, "query"),
        ("iap", Verb.AUTHENTICATE, "override: decides whether a user may pass", "authorizeuser"),
        ("oslogin", Verb.AUTHENTICATE, "override: decides whether a user may log in", "checkpolicy"),
        ("oslogin", Verb.AUTHENTICATE, _SIGN_IN, "startsession continuesession"),
        (
            "login",
            Verb.AUTHENTICATE,
            _SIGN_IN,
            "loginsuccess loginfailure loginchallenge loginverification logout",
        ),
    )
    for name in names.split()
}

_SERIAL_PORT = "ssh-serialport"

_TAMPERS_LOGGING = frozenset(
    {
        *("updatesink", "deletesink", "createexclusion", "updateexclusion", "deletelog", "deletebucket"),
        *("updatebucket", "updatesettings", "updatecmeksettings", "deleteview", "updateview"),
    }
)
"""Methods of Cloud Logging that stop, delete or redirect what is kept."""

_WORDS: dict[str, Verb] = {
    word: verb
    for verb, words in (
        (
            Verb.READ,
            "get list search read lookup query aggregated batch test fetch check count describe validate export watch",
        ),
        (Verb.CREATE, "create insert import copy compose upload clone restore add publish write"),
        (
            Verb.UPDATE,
            "update patch set replace modify enable disable start stop reset resume suspend attach detach move undelete rename "
            "resize change rewrite rotate promote",
        ),
        (Verb.DELETE, "delete remove destroy cancel purge abandon"),
    )
    for word in words.split()
}
_BATCHED = frozenset({"batch", "aggregated"})
_WORD = re.compile(r"[A-Z]?[a-z]+", re.ASCII)

_PERMISSION_TYPES = frozenset({"ADMIN_READ", "DATA_READ"})


def service_of(name: str) -> str:
    """Return a service without the domain that all of Google's services share."""
    return name.removesuffix(".googleapis.com")


def tampers_logging(service: str, method: str) -> bool:
    """Tell whether a method weakens logging."""
    return service == "logging" and _last(method).lower() in _TAMPERS_LOGGING


def verb_of(service: str, method: str, permission_type: str | None = None) -> tuple[Verb, str]:
    """Decide what kind of act a method is.

    Args:
        service: The service, without domain.
        method: ``methodName``.
        permission_type: ``authorizationInfo[].permissionType``, if the record has it.

    Returns:
        The verb and the rule that decided it.
    """
    decided = _verb(service, method)
    if decided[0] is Verb.UNCLASSIFIED and permission_type in _PERMISSION_TYPES:
        return Verb.READ, f"authorizationInfo.permissionType {permission_type}"
    return decided


def _last(method: str) -> str:
    return method.rpartition(".")[2].rpartition("/")[2]


@remembered(4096)
def _verb(service: str, method: str) -> tuple[Verb, str]:
    last = _last(method)
    lowered = last.lower()
    two = ".".join(method.lower().split(".")[-2:])
    override = (
        _IN_SERVICE.get((service, lowered)) or _IN_SERVICE.get((service, two)) or _ANYWHERE.get(lowered)
    )
    if override is not None:
        return override
    if service.endswith(_SERIAL_PORT) and lowered == "connect":
        return Verb.EXECUTE, "override: opens a console"
    words = _WORD.findall(last)
    if words and words[0].lower() in _BATCHED and len(words) > 1 and words[1].lower() in _WORDS:
        words = words[1:]
    if words and (verb := _WORDS.get(words[0].lower())) is not None:
        return verb, f"first word of the method: {words[0]}"
    return Verb.UNCLASSIFIED, "no rule"
