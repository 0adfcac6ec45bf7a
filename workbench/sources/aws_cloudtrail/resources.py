"""Which resources an event touches, and the part each plays.

CloudTrail lists ``resources`` for a minority of events; the rest stand in the request, and what was created
in the response. No ARN is put together from parts: a bare name stays a bare name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from workbench.model.event import Particulars, Resource, ResourceRole
from workbench.sources.aws_cloudtrail import warnings
from workbench.sources.aws_cloudtrail.arns import kebab, read_arn, type_of_cloudformation
from workbench.sources.aws_cloudtrail.credentials import HIDDEN, issued_by, keys_used, withheld_from
from workbench.sources.aws_cloudtrail.resource_tables import (
    ATTACHES,
    ATTRIBUTE_VALUE_KEYS,
    COMMON,
    FILTER_KEYS,
    GRANT_KEYS,
    ISSUED_FOR,
    NAME_IS,
    NOT_IDS,
    SERVICES,
    Rule,
)
from workbench.sources.interning import interned
from workbench.sources.paths import folded

_MOST = 500
_LONGEST_NAME = 2_048
"""Characters of the longest ARN AWS documents."""

_ID_ENDINGS = ("identifier", "id", "name")
_MAKES = ("create", "run", "copy", "register", "allocate")
_NAMING_KEYS = ("arn", "name", "id", "content", "value")
_SECRET_SERVICES = frozenset({"secretsmanager", "ssm"})


class Details(msgspec.Struct, frozen=True, gc=False):
    """What the request, response and resource list of one event state.

    Attributes:
        resources: The resources, in the order in which the record names them.
        decrypts: Whether the request asked for decrypted values (``withDecryption``).
        answer: What a sign-in answered (``Success``, ``Failure``), if the response says.
        warnings: What was odd.
        particulars: Credentials handed out, assertions presented, values kept back.
    """

    resources: tuple[Resource, ...] = ()
    decrypts: bool = False
    answer: str | None = None
    warnings: tuple[str, ...] = ()
    particulars: Particulars | None = None


NOTHING = Details()


def read_details(
    service: str,
    action: str,
    request: object,
    response: object,
    listed: object,
    about: tuple[object, ...] = (),
) -> Details:
    """Read the parts of a record that differ from operation to operation.

    Args:
        service: ``eventSource`` without its domain.
        action: ``eventName`` without version suffix.
        request: ``requestParameters``, decoded.
        response: ``responseElements``, decoded.
        listed: ``resources``, decoded.
        about: ``serviceEventDetails`` and, of a service's own event, ``additionalEventData``.
    """
    odd: dict[str, None] = {}
    for part, name in ((request, "requestParameters"), (response, "responseElements")):
        if isinstance(part, dict):
            if part.get("omitted") is True:
                odd[warnings.OMITTED] = None
        elif part is not None and part not in HIDDEN and part != "":
            odd[warnings.unreadable(name)] = None
    top = folded(request) if isinstance(request, dict) else {}
    decrypts = top.get("withdecryption") in (True, "true")
    collector = _Collector(service, action, secret=decrypts or top.get("type") == "SecureString", odd=odd)
    for part in (request, *about):
        if isinstance(part, dict):
            collector.read_request(part, top)
    if isinstance(response, dict):
        collector.read_response(response)
    collector.read_listed(listed)
    return Details(
        collector.finish(),
        decrypts,
        _answer(service, response),
        tuple(odd),
        _particulars(action, request, response, bool(odd)),
    )


def _particulars(action: str, request: object, response: object, odd: bool) -> Particulars | None:
    issued = issued_by(action, request, response)
    used = keys_used(request, response)
    # Whatever is kept back was noticed as odd already.
    parts = {"requestParameters": request, "responseElements": response}
    withheld = withheld_from(parts) if odd else ()
    return Particulars(used=used, issued=issued, withheld=withheld) if used or issued or withheld else None


def _answer(service: str, response: object) -> str | None:
    if service != "signin" or not isinstance(response, dict):
        return None
    return next((value for value in response.values() if value in ("Success", "Failure")), None)


_Leaf = tuple[str, str, str, int, tuple[str, ...]]
"""One text of a request or response: its key as written and folded, the text, its depth, the folded keys above."""


def _leaves(part: Mapping[str, object], odd: dict[str, None]) -> Iterator[_Leaf]:
    """Yield the texts of an object in order, leaving out filters, labels and policies.

    Wrappers that only repeat the operation (``DeleteFlowLogsRequest``) and list envelopes (``items``) add no
    depth.
    """
    stack: list[tuple[str, object, int, tuple[str, ...], bool]] = [
        (str(key), value, 0, (), False) for key, value in reversed(list(part.items()))
    ]
    while stack:
        key, value, depth, above, left_out = stack.pop()
        name = key.lower()
        left_out = left_out or name in FILTER_KEYS
        if isinstance(value, str):
            if value in HIDDEN:
                odd[warnings.REDACTED] = None
            elif not left_out:
                yield key, name, value, depth, above
        elif isinstance(value, list):
            stack.extend((key, item, depth, above, left_out) for item in reversed(value))
        elif isinstance(value, dict):
            plain = name.endswith(("request", "response")) or name in ("items", "item")
            if not plain:
                depth, above = depth + 1, (*above[-7:], name)
            stack.extend(
                (str(inner), item, depth, above, left_out) for inner, item in reversed(value.items())
            )


class _Collector:
    """Gathers the resources of one event, each once."""

    def __init__(self, service: str, action: str, *, secret: bool, odd: dict[str, None]) -> None:
        self._service = service
        self._action = action
        self._lowered = action.lower()
        self._secret = secret
        self._odd = odd
        self._rules = SERVICES.get(service, {})
        self._found: dict[tuple[str | None, str], Resource] = {}

    def finish(self) -> tuple[Resource, ...]:
        resources = sorted(self._found.values(), key=_rank)
        shared = (interned(resource, resource.name, resource.type) for resource in resources)
        return interned(tuple(shared), *(resource.name for resource in resources))

    def read_request(self, part: Mapping[str, object], top: Mapping[str, object]) -> None:
        for key, name, text, depth, above in _leaves(part, self._odd):
            if self._service == "s3" and name == "key" and depth == 0:
                bucket = top.get("bucketname")
                self._add("s3:object", f"{bucket}/{text}" if isinstance(bucket, str) else text)
            elif not self._grantee(name, text, above) and not self._ruled(name, text, depth, above):
                self._generic(key, name, text, depth)

    def read_response(self, part: Mapping[str, object]) -> None:
        """Take what the operation is named after: the thing it made."""
        for _, name, text, depth, above in _leaves(part, self._odd):
            if depth > 4:
                continue
            if self._service == "sts" and name == "accesskeyid":
                self._add("sts:temporary-key", text)
                continue
            rule = self._rule(name)
            if rule is not None and self._is_about(rule[0]):
                self._add(rule[0], text, self._role(rule))
            elif name.endswith("arn") and (arn := read_arn(text)) is not None:
                subject = name[:-3] or (above[-1] if above else "")
                if subject in self._lowered and (subject or arn.service == self._service):
                    self._add(arn.type, text, self._role((arn.type, ResourceRole.TARGET)))

    def read_listed(self, listed: object) -> None:
        if listed is None:
            return
        entries = listed if isinstance(listed, list) else [listed]
        for entry in entries:
            if not isinstance(entry, dict):
                self._odd[warnings.unreadable("resources")] = None
                continue
            values = folded(entry)
            given = values.get("type")
            kind = type_of_cloudformation(given) if isinstance(given, str) else None
            account = values.get("accountid")
            owner = account if isinstance(account, str) and account else None
            name = values.get("arn")
            if isinstance(name, str):
                arn = read_arn(name)
                self._listed(arn.type if arn else kind, name, owner)
            elif isinstance(prefix := values.get("arnprefix"), str):
                self._listed(f"{kind}-prefix" if kind else None, prefix, owner)
            elif name is not None or prefix is not None:
                self._odd[warnings.unreadable("resources")] = None

    def _listed(self, kind: str | None, name: str, account: str | None) -> None:
        if warnings.TOO_MANY_RESOURCES in self._odd:
            return
        role = ResourceRole.TARGET
        if kind == "secretsmanager:secret" or (kind == "ssm:parameter" and self._secret):
            role = ResourceRole.SECRET
        for key, known in self._found.items():
            if _same(known, kind, name):
                # The request told the part it plays, the list its full name and owner.
                del self._found[key]
                role = known.role
                break
        self._add(kind, name, role, account)

    def _rule(self, name: str) -> Rule | None:
        for key in (name, name[:-1]) if name.endswith("s") else (name,):
            rule = self._rules.get(key) or COMMON.get(key)
            if rule is not None:
                return rule
        return None

    def _is_about(self, kind: str) -> bool:
        """Tell whether the operation is named after a kind of resource."""
        noun = kind.partition(":")[2].replace("-", "")
        return noun in self._lowered or (kind == "ec2:elastic-ip" and "address" in self._lowered)

    def _ruled(self, name: str, text: str, depth: int, above: tuple[str, ...]) -> bool:
        rule = self._rule(name)
        if rule is None and above and name in _NAMING_KEYS:
            # {"iamInstanceProfile": {"name": …}}, {"FlowLogId": {"tag": 1, "content": …}}
            rule = self._rule(above[-1])
        if rule is None and name == "name" and depth == 0:
            rule = self._bare_name()
        if rule is None and name == "values" and "targets" in above and text.startswith("i-"):
            rule = ("ec2:instance", ResourceRole.TARGET)
        if rule is None:
            return False
        if rule[0] in ("lambda:function", "aws:principal") and text == "*":
            self._add("aws:principal", text, ResourceRole.GRANTEE)
            return True
        self._add(rule[0], text, self._role(rule))
        return True

    def _bare_name(self) -> Rule | None:
        for word, kind in NAME_IS.get(self._service, ()):
            if word in self._action:
                return kind, ResourceRole.TARGET
        return None

    def _role(self, rule: Rule) -> ResourceRole:
        kind, role = rule
        if kind == "ssm:parameter" and self._secret:
            return ResourceRole.SECRET
        if kind == "secretsmanager:secret":
            return ResourceRole.SECRET
        if kind == "iam:policy" and ATTACHES.match(self._action):
            return ResourceRole.SOURCE
        if self._service == "iam" and kind == "iam:user":
            if self._lowered in ISSUED_FOR or self._lowered in ("addusertogroup", "removeuserfromgroup"):
                return ResourceRole.GRANTEE
        elif kind == "iam:role" and self._lowered == "addroletoinstanceprofile":
            return ResourceRole.SOURCE
        if role is ResourceRole.TARGET and self._service == "ec2" and self._made_from(kind):
            return ResourceRole.SOURCE
        return role

    def _made_from(self, kind: str) -> bool:
        """Tell whether an operation that makes something only uses a resource of this kind for it."""
        if not self._lowered.startswith(_MAKES) or self._lowered == "createtags" or self._is_about(kind):
            return False
        noun = kind.partition(":")[2].replace("-", "")
        return not any(
            self._lowered == verb + noun[:length] for verb in _MAKES for length in range(3, len(noun))
        )

    def _grantee(self, name: str, text: str, above: tuple[str, ...]) -> bool:
        if not GRANT_KEYS.isdisjoint(above) and name in ("userid", "group", "organizationarn"):
            kind = "aws:account" if name == "userid" else "aws:group"
        elif name in ATTRIBUTE_VALUE_KEYS:
            kind = "aws:account"
        elif above and above[-1] == "grantee" and name in ("id", "uri", "emailaddress"):
            kind = "aws:principal"
        elif above and above[-1] == "encryptioncontext":
            arn = read_arn(text)
            if arn is not None:
                secret = arn.service in _SECRET_SERVICES
                self._add(arn.type, text, ResourceRole.SECRET if secret else ResourceRole.SOURCE)
            return True
        else:
            return False
        self._add(kind, text, ResourceRole.GRANTEE)
        return True

    def _generic(self, key: str, name: str, text: str, depth: int) -> None:
        arn = read_arn(text)
        if arn is not None:
            own = arn.service == self._service
            self._add(arn.type, text, ResourceRole.TARGET if own else ResourceRole.SOURCE)
            return
        if depth > 1 or name in NOT_IDS:
            return
        if name == "name":
            if depth == 0:
                self._add(None, text)
            return
        for ending in _ID_ENDINGS:
            if name.endswith(ending) and len(name) > len(ending):
                self._add(f"{self._service}:{kebab(key[: -len(ending)])}", text)
                return

    def _add(
        self,
        kind: str | None,
        name: str,
        role: ResourceRole = ResourceRole.TARGET,
        account: str | None = None,
    ) -> None:
        if not name or name in HIDDEN or warnings.TOO_MANY_RESOURCES in self._odd:
            return
        if len(name) > _LONGEST_NAME:
            self._odd[warnings.LONG_RESOURCE_NAME] = None
            return
        arn = read_arn(name)
        if arn is not None:
            kind, account = arn.type, account or arn.account
            for key, known in self._found.items():
                if known.name != name and _same(known, kind, name):
                    del self._found[key]
                    role = known.role
                    break
        elif any(_same(Resource(kind, name), known.type, known.name) for known in self._found.values()):
            return
        if (kind, name) in self._found:
            return
        if len(self._found) >= _MOST:
            self._odd[warnings.TOO_MANY_RESOURCES] = None
            return
        self._found[kind, name] = Resource(kind, name, role, account)


_BY_THE_WAY = frozenset({"sts:temporary-key", "aws:account"})
"""Types of things that an operation hands out or is addressed to, rather than acts upon."""


def _rank(resource: Resource) -> int:
    """Put what was acted upon first: lists show one resource of an event and count the others."""
    if resource.type in _BY_THE_WAY and resource.role is ResourceRole.TARGET:
        return 2
    return int(resource.role in (ResourceRole.SOURCE, ResourceRole.GRANTEE))


def _same(known: Resource, kind: str | None, name: str) -> bool:
    """Tell whether a bare name and a full one of the same event are one resource."""
    if known.name == name:
        return kind is None or known.type == kind
    if known.type != kind or known.name.startswith("arn:") or not name.startswith("arn:"):
        return False
    bare = known.name.lstrip("/")
    if name.endswith((f"/{bare}", f":{bare}")):
        return True
    # Secrets Manager adds a hyphen and six characters to the name (its user guide, "What's in a secret").
    return kind == "secretsmanager:secret" and name[:-7].endswith(f":{bare}") and name[-7:-6] == "-"
