"""What a request to Microsoft Graph asks for: its URI taken apart, and the kind of act it is.

Graph is OData: a path alternates between collections and the keys of their members, and ends in a collection, a
member, a property (``$value``), a relation (``$ref``) or a function. The log holds no bodies, so that a change of an
object (PATCH) never says which of its properties changed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from workbench.model.event import Verb
from workbench.sources.interning import Remembered

_MOST_SEGMENTS = 20
_LONGEST_WORD = 64
_WORD = re.compile(r"[A-Za-z$][A-Za-z$.]*|(?:oauth2|fido2|b2c|b2x)[A-Z][A-Za-z]+", re.ASCII)
_CALL = re.compile(r"([A-Za-z$][A-Za-z$.]*)\((.*)\)", re.ASCII | re.DOTALL)
_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}", re.ASCII)
_VERSIONS = frozenset({"v1.0", "beta"})
_KEY = "{id}"

_DIRECTORY = {
    "users": "entra:User",
    "groups": "entra:Group",
    "applications": "entra:Application",
    "serviceprincipals": "entra:ServicePrincipal",
    "devices": "entra:Device",
    "directoryroles": "entra:Role",
    "rolemanagement": "entra:Role",
    "sites": "sharepoint:site",
    "drives": "sharepoint:drive",
    "teams": "teams:team",
}
"""Collections whose members other logs name by the same id."""


class Request(NamedTuple):
    """A request's URI taken apart.

    Attributes:
        path: The path without host, version and query, as it stands.
        template: The path with ``{id}`` for the keys, to tell requests of one kind.
        words: The segments that are no keys, in lower case, without the namespace of functions.
        members: Type and id of the members of directory collections that the path leads through.
        query: The query as it stands.
    """

    path: str
    template: str
    words: tuple[str, ...]
    members: tuple[tuple[str, str], ...]
    query: str


def _parsed(uri: str) -> Request:
    locator, _, query = uri.partition("?")
    _, scheme, rest = locator.partition("://")
    path = rest.partition("/")[2] if scheme else locator
    segments = [segment for segment in path.split("/") if segment]
    if segments and segments[0].lower() in _VERSIONS:
        del segments[0]
    template: list[str] = []
    words: list[str] = []
    members: list[tuple[str, str]] = []
    for segment in segments[:_MOST_SEGMENTS]:
        call = _CALL.fullmatch(segment)
        name, argument = (call[1], call[2]) if call else (segment, "")
        if len(name) > _LONGEST_WORD or not _WORD.fullmatch(name):
            template.append(_KEY)
            if words and words[-1] in _DIRECTORY and _GUID.fullmatch(segment):
                members.append((_DIRECTORY[words[-1]], segment.lower()))
            continue
        template.append(f"{name}({_KEY})" if argument else name)
        words.append(name.rpartition(".")[2].lower())
        key = argument.strip("'\"")
        if words[-1] in _DIRECTORY and _GUID.fullmatch(key):
            members.append((_DIRECTORY[words[-1]], key.lower()))
    more = ["…"] if len(segments) > _MOST_SEGMENTS else []
    return Request(
        "/" + "/".join(segments), "/".join(template + more), tuple(words), tuple(members), query.lower()
    )


REQUESTS: Remembered[str, Request] = Remembered(_parsed)
"""Requests by URI, remembered."""

_READING_CALLS = frozenset(
    (
        *(
            "getbyids",
            "getmembergroups",
            "getmemberobjects",
            "checkmembergroups",
            "checkmemberobjects",
            "query",
        ),
        *("getschedule", "findmeetingtimes", "translateexchangeids", "runhuntingquery", "validateproperties"),
        *("getavailableextensionproperties", "getcachedreport", "ismemberof", "delta", "evaluate", "preview"),
        *("evaluateapplication", "getpresencesbyuserid", "getmailtips", "evaluatedynamicmembership"),
    )
)
"""Functions that are called by POST because of the length of what they ask for, and change nothing."""

_CALLS: dict[str, tuple[Verb, str]] = {
    **dict.fromkeys(
        (
            *(
                "addpassword",
                "addkey",
                "addtokensigningcertificate",
                "temporaryaccesspassmethods",
                "resetpassword",
            ),
            *(
                "changepassword",
                "uploadsecret",
                "generatekey",
                "passwordmethods",
                "fido2methods",
                "phonemethods",
            ),
            *(
                "createpasswordsinglesignoncredentials",
                "updatepasswordsinglesignoncredentials",
                "uploadcertificate",
            ),
        ),
        (Verb.ISSUE_CREDENTIAL, "override: gives a credential"),
    ),
    **dict.fromkeys(
        (
            *(
                "approleassignments",
                "approleassignedto",
                "oauth2permissiongrants",
                "federatedidentitycredentials",
            ),
            *("roleassignments", "roleassignmentschedulerequests", "roleeligibilityschedulerequests"),
            *("invitations", "invite", "createlink", "permissions", "federationconfiguration", "grant"),
            *("delegatedadminrelationships", "scopedrolemembers", "addmembers", "transitiveroleassignments"),
        ),
        (Verb.DELEGATE, "override: grants access"),
    ),
    **dict.fromkeys(
        ("removepassword", "removekey", "permanentdelete", "deletepasswordsinglesignoncredentials"),
        (Verb.DELETE, "override: removes"),
    ),
    **dict.fromkeys(
        ("wipe", "retire", "cleanwindowsdevice"), (Verb.DELETE, "override: removes a device's data")
    ),
    **dict.fromkeys(
        ("sendmail", "send", "reply", "replyall", "forward", "copy", "checkin"),
        (Verb.CREATE, "override: makes a message or copy"),
    ),
    **dict.fromkeys(
        (
            *(
                "revokesigninsessions",
                "invalidateallrefreshtokens",
                "assignlicense",
                "move",
                "checkout",
                "restore",
            ),
            *(
                "confirmcompromised",
                "dismiss",
                "upload",
                "verify",
                "setverifiedpublisher",
                "archive",
                "unarchive",
            ),
        ),
        (Verb.UPDATE, "override: changes an object"),
    ),
    **dict.fromkeys(
        (
            "initiateondemandproactiveremediation",
            "runsummary",
            "remotelock",
            "rebootnow",
            "instantiate",
            "runscript",
        ),
        (Verb.EXECUTE, "override: runs something"),
    ),
}
"""Last words of a POST, and what they do."""

_GRANTING_RELATIONS = frozenset({"members", "owners", "registeredowners", "approleassignments"})
_ACTION_WORDS = re.compile(
    r"(?:get|check|assign|unassign|change|reset|validate|revoke|add|remove|set|start|stop|cancel|accept|decline|"
    r"approve|reject|activate|deactivate|enable|disable|publish|unpublish|provision|reprovision|sync|discover|follow|"
    r"unfollow|mark|clear|snooze|export|import|reject|renew|subscribe|unsubscribe|apply|update|delete|create|convert|"
    r"request|initiate|trigger|pause|resume|retry|undo|refresh|complete|submit)(?=[A-Z])"
)
"""Beginnings of names that are actions, not collections (``assignLicense``): what they do is not known here."""

_SECRETS = (
    ("recoverykeys", "key", "override: reads a recovery key"),
    ("devicelocalcredentials", "credentials", "override: reads a local administrator's password"),
)
"""Collections whose members hold a secret that is returned only when ``$select`` names it."""

_METHODS = {
    "GET": (Verb.READ, "method GET"),
    "HEAD": (Verb.READ, "method HEAD"),
    "OPTIONS": (Verb.READ, "method OPTIONS"),
    "PATCH": (Verb.UPDATE, "method PATCH"),
    "PUT": (Verb.UPDATE, "method PUT"),
    "DELETE": (Verb.DELETE, "method DELETE"),
}


def verb_of(method: str, request: Request) -> tuple[Verb, str]:
    """Return the kind of act and the rule that decided it.

    Args:
        method: The HTTP method.
        request: The request.
    """
    method = method.upper()
    last = request.words[-1] if request.words else ""
    if method == "GET":
        for word, field, rule in _SECRETS:
            if word in request.words and "select=" in request.query and field in request.query:
                return Verb.READ_SECRET, rule
        if last == "getfilevaultkey":
            return Verb.READ_SECRET, "override: reads a recovery key"
    if method in ("POST", "PUT") and last == "$ref":
        relation = request.words[-2] if len(request.words) > 1 else ""
        if relation in _GRANTING_RELATIONS:
            return Verb.DELEGATE, "override: grants access"
        return Verb.UPDATE, "override: relates objects"
    if method != "POST":
        return _METHODS.get(method, (Verb.UNCLASSIFIED, "no rule"))
    return _verb_of_post(request, last)


def _verb_of_post(request: Request, last: str) -> tuple[Verb, str]:
    if last == "$batch":
        return Verb.OTHER, "override: the requests in a batch are logged apart"
    if last in _CALLS:
        return _CALLS[last]
    if last in _READING_CALLS:
        return Verb.READ, "override: a function that reads"
    if last == "members" and request.words[:1] in (("groups",), ("directoryroles",), ("teams",)):
        return Verb.DELEGATE, "override: grants access"
    final = request.template.rpartition("/")[2]
    if "." in final or _ACTION_WORDS.match(final):
        return Verb.UNCLASSIFIED, "an action of unknown effect"
    return Verb.CREATE, "method POST"
