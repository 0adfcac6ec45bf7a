"""What a responder needs to know to write a mapping file."""

from __future__ import annotations

from workbench.sources.mapping.patterns import LONGEST_LINE, MOST_PIECES

EXAMPLE = """\
[mapping]
name = "acme-vpn"                      # events get the source mapping.acme-vpn
version = 1                            # raise it when the file reads the same record differently
title = "ACME VPN gateway"

[recognise]                            # a record must fulfil all of it
keys = ["user.name", "event"]          # paths that lead to a value
equal = { product = "vpn", event = ["login", "logout", "policy.set"] }

[time]
path = "ts"
format = "auto"                        # or a strptime format, an epoch unit, rfc3164
zone = "Europe/Vienna"                 # for times that name none

[act]
service = { is = "vpn" }               # { is = … } is a literal,
action = "event"                       # a plain text is a path into the record
verb = { path = "event", table = { login = "authenticate", logout = "authenticate", "policy.set" = "update" } }

[identity]
id = "user.id"
name = ["user.name", "login"]          # the first path that leads to a value
kind = { path = "mfa", table = { true = "human" }, otherwise = "undecided" }
reason = "mfa is true where a person confirmed the sign-in"

[credential]
id = "session.key_id"
type = "acme vpn session"

[client]
address = "peer"
user_agent = "client"

[outcome]
status = { path = "result", table = { ok = "success", refused = "denied" } }
code = "result"

[[resources]]
name = "policy.id"
type = { is = "vpn:policy" }

[place]
account = "site"

[ids]
native = "id"
request = "request_id"
"""
"""A mapping that uses most of the format."""

MAPPING_HELP = f"""\
A mapping file tells the workbench how to read a log that it has no reader for. It is a TOML file of these tables:

{EXAMPLE}
Values. A text is a path into the record: steps joined by dots, a number takes an element of an array, keys are found
in any spelling (callerIp, caller_ip, CallerIP) and flattened too. An array of texts: the first path that leads to
something. {{ is = "…" }} is a literal. {{ path = …, table = {{ … }}, otherwise = "…" }} looks the value up in a table;
what the table does not hold is `otherwise`, or unknown. Literal by nature are: [mapping], [time] format and zone,
identity reason, the type of credentials, the role of resources.

Tables and keys
  [mapping]     name, version, title; needs (what to collect)
  [recognise]   keys, equal for records with keys; or line for lines of text. One record must not fit two readers.
  [time]        path; format: auto (RFC 3339 and its neighbours, epoch numbers), "epoch seconds", "epoch milliseconds",
                "epoch microseconds", "epoch nanoseconds", rfc3164 (year from the file's date), or a strptime format
                with a year; zone: an IANA name, before the zone of --timezone
  [act]         service, action; verb: read, read_secret, create, update, delete, delegate, authenticate,
                issue_credential, execute, other; without one it is unclassified
  [identity]    id (the most stable name), name, native_id, account; kind: human (only where the record shows that a
                person signed in), nonhuman, service, undecided; reason: what in the record says so
  [credential]  id, type. Only what names the credential. Never map a password, token or key itself: names are shown.
  [[used]]      id, type: further session keys or token ids that the record presents
  [[issued]]    id, type, to: credentials that the act handed out
  [client]      address, user_agent, device
  [outcome]     status: success, denied, failed, not_found; code
  [[resources]] name, type, account; role: target, grantee, source, secret. An array of names gives as many resources
  [place]       account, region, tenant
  [ids]         native (unique to the event), request, shared (of several records about one act), correlation

Lines of text. `line` under [recognise] is a regular expression with named groups, matched from the line's start; the
groups are the fields: line = '(?P<when>\\S+ \\S+) vpn: user=(?P<user>\\S+)'. It may be an array of up to {MOST_PIECES}
expressions: each is then searched for behind the one before, and all must be found. So that no line can make matching
slow, every repeat must end where something else begins: "[^ ]+ " is fine, ".*x" is refused; write "[^x]*x", or a new
expression of the array. Lines longer than {LONGEST_LINE:,} characters are not matched and stay unrecognised.

Events read through a mapping count as unverified: nobody checked the mapping against the product's documentation, so
links through them are at most inferred.
"""
"""The format for people: ``workbench sources mapping`` prints it."""
