"""The ground truth: put together from what a story says of each event when it tells it, never from the files."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from shapes.telling import Key, Record, Session, Story, Told, credential, event, stamp

_NO_SESSION = frozenset(
    {"jwt subject", "saml assertion", "aws source identity", "oauth client", "external identity"}
    | {"github workflow run", "kubernetes pod", "github token id", "entra application key", "aws access key"}
    | {"gcp service account key"}
)
"""Keys that name a claim, a run, a client or something that outlives any session: no session is told by itself."""

_PARENTS = frozenset({"aws access key", "entra application key", "gcp service account key"})
"""Keys that outlive any session and still are what a credential was got with."""

_KINDS = ("human", "nonhuman", "undecided", "service")

_ABOUT = (
    "Events are named by their native ids; Key Vault gives none, its request id stands for it. A session's `events` are its "
    "`own`, which present the anchor, and the calls `forwarded` by a service for exactly one of them; `parent_counted` says "
    "whether the event it began with is among its own. `proven` holds every event with each credential that it handed out "
    "(`uses`: events that present it), every sign-in with the session id that it bears, and every two records of one act."
)


def ground_truth(story: Story) -> Record:
    """Return the ground truth of a story as plain values."""
    return _Truth(story).told()


class _Truth:
    """What can be said of a story's evidence.

    Attributes:
        held: The events that were handed over.
        lost: Ids of the others.
        users: By credential: the events that present it.
        issuers: By credential: the event that handed it out.
    """

    def __init__(self, story: Story) -> None:
        self.story = story
        self.held = story.held()
        self.lost = {each.id: each for each in story.told if not each.delivered}
        self.users: dict[Key, list[Told]] = {}
        self.issuers: dict[Key, Told] = {}
        for each in self.held:
            for key in each.uses:
                self.users.setdefault(key, []).append(each)
            for key in each.issues:
                # Of the copies of an act in two accounts the one with the caller's key counts.
                if key not in self.issuers or len(each.uses) > len(self.issuers[key].uses):
                    self.issuers[key] = each
        self._children = Counter(each.caused_by[0] for each in self.held if len(each.caused_by) == 1)
        self._kind_of: dict[Key, str] = {}

    def told(self) -> Record:
        """Return all of it."""
        links = [link for link in self.story.links if not self._is_lost(link)]
        return {
            "about": f"{self.story.about} {_ABOUT}",
            "records": sum(len(each.records) for each in self.held),
            "events": len(self.held),
            "by_source": dict(sorted(Counter(each.source for each in self.held).items())),
            "sessions": self._sessions(),
            "links": [*links, *self._forwarded()],
            "proven": [*self._issued(), *self._signed_in(links), *self._same_acts()],
            "decoys": self.story.decoys,
            "gaps": [*self.story.gaps, *self._unissued()],
        }

    def _is_lost(self, link: Record) -> bool:
        """Tell whether a link begins or ends at an event that no file holds: nobody can draw it then."""
        return any((link[end] or {}).get("event") in self.lost for end in ("from", "to"))

    # --- what is proven -----------------------------------------------------------------------------------------

    def _issued(self) -> list[Record]:
        return [
            {
                "from": event(each),
                "to": credential(key),
                "relation": "issued",
                "uses": sum(user.id != each.id for user in self.users.get(key, ())),
            }
            for each in self.held
            for key in each.issues
        ]

    def _signed_in(self, links: list[Record]) -> list[Record]:
        """Return the sign-ins that a session's own id proves: no record issues such an id, but the sign-in bears it."""
        return [
            {
                "from": link["from"],
                "to": link["to"],
                "relation": "signed_in",
                "uses": len(self.users[link["to"]["credential"]["type"], link["to"]["credential"]["id"]]) - 1,
            }
            for link in links
            if (link["relation"], link["strength"]) == ("signed_in", "proven")
        ]

    def _same_acts(self) -> list[Record]:
        copies: dict[str, list[Told]] = {}
        for each in self.held:
            if each.shared is not None:
                copies.setdefault(each.shared, []).append(each)
        return [
            {"from": event(same[0]), "to": event(other), "relation": "same_act"}
            for same in copies.values()
            for other in same[1:]
        ]

    # --- what is inferred ---------------------------------------------------------------------------------------

    def _forwarded(self) -> list[Record]:
        """Return the links from calls to what services did on their behalf."""
        found = []
        for each in self.held:
            parents = [parent for parent in each.caused_by if parent not in self.lost]
            if parents:
                why = "One service calls another for the caller: same principal and resource, at most two seconds."
                if len(parents) > 1:
                    why = "Several calls fit in principal, resource and time: none of them can be told to be the parent."
                found.append(
                    {
                        "from": event(parents[0]),
                        "to": event(each),
                        "relation": "forwarded",
                        "strength": "inferred",
                        "rule": "AWS-4",
                        "rivals": [event(parent) for parent in parents[1:]],
                        "why": why,
                    }
                )
        return found

    # --- what is missing ----------------------------------------------------------------------------------------

    def _unissued(self) -> list[Record]:
        """Return a gap for every credential and every session in use whose beginning happened and is in no file."""
        found: dict[Key, Record] = {}
        for each in self.lost.values():
            for key in each.issues:
                known = key in self.issuers or key in self.story.named_otherwise
                if key in self.users and not known:
                    found[key] = self._missing(key, each)
        for session in self.story.sessions:
            begun = self.lost.get((session.parent or {}).get("event", ""))
            if begun is not None and session.anchor in self.users:
                found[session.anchor] = self._missing(session.anchor, begun)
        return list(found.values())

    def _missing(self, key: Key, begun: Told) -> Record:
        return {
            "kind": "missing_issuance",
            "source": begun.source,
            "scope": key[1],
            "start": stamp(begun.at),
            "end": stamp(begun.at),
            "says": "It began inside the time that is covered, and no file holds with what.",
            "credential": credential(key)["credential"],
        }

    # --- sessions: those that the story does not speak of are found by their keys ---------------------------------

    def _sessions(self) -> list[Record]:
        """Return all sessions, those that the story speaks of first."""
        spoken = {session.anchor: self._as_seen(session) for session in self.story.sessions}
        self._kind_of = {anchor: session.kind for anchor, session in spoken.items()}
        plain = [
            self._plain(key, users)
            for key, users in self.users.items()
            if key not in spoken
            and key not in self.story.named_otherwise
            and key[0] not in _NO_SESSION
            and not _is_transient(key)
            and any(not each.caused_by for each in users)
        ]
        seen = (session for session in spoken.values() if session.anchor in self.users)
        return [self._counted(session) for session in (*seen, *plain)]

    def _as_seen(self, session: Session) -> Session:
        """Return a session as the evidence shows it: without its beginning if no file holds that."""
        if (session.parent or {}).get("event") not in self.lost:
            return session
        says = f"{session.says} The record of its beginning is in no file."
        return replace(session, parent=None, strength="unproven", says=says)

    def _plain(self, key: Key, users: list[Told]) -> Session:
        issuer = self.issuers.get(key)
        kind = self._kind(key, users)
        if issuer is None:
            return Session(key, kind, None, "unproven", "Nothing in the evidence shows how it began.")
        parent = _presented(issuer, key)
        return Session(key, kind, credential(parent) if parent else event(issuer), "proven", "Background.")

    def _kind(self, key: Key, users: list[Told]) -> str:
        """Return what stands behind a session: what its records show, else what it came from."""
        if key not in self._kind_of:
            kinds = {each.kind for each in users}
            found = next(kind for kind in _KINDS if kind in kinds)
            issuer = self.issuers.get(key)
            parent = _presented(issuer, key) if issuer and found == "undecided" else None
            if parent is not None and parent in self.users:
                found = self._kind(parent, self.users[parent])
            self._kind_of[key] = found
        return self._kind_of[key]

    def _counted(self, session: Session) -> Record:
        own = [each for each in self.users[session.anchor] if not each.caused_by]
        issuer = self.issuers.get(session.anchor)
        # Another log may show the same credential under another name: the one that issued it knows best.
        home = [each for each in own if issuer is None or each.source == issuer.source] or own
        names = Counter(each.identity for each in home if each.identity)
        forwarded = sum(self._children[each.id] for each in own)
        clients = sorted({each.client for each in own if each.client != (None, None)}, key=str)
        return {
            "anchor": credential(session.anchor)["credential"],
            "identity": names.most_common(1)[0][0] if names else None,
            "kind": session.kind,
            "events": len(own) + forwarded,
            "own": len(own),
            "forwarded": forwarded,
            "clients": [list(client) for client in clients],
            "parent": session.parent,
            "parent_counted": any(event(each) == session.parent for each in own),
            "strength": session.strength,
            "says": session.says,
        }


def _presented(issuer: Told, key: Key) -> Key | None:
    """Return the credential that was presented to get another one."""
    fit = (each for each in issuer.uses if each != key)
    return next((each for each in fit if each[0] not in _NO_SESSION or each[0] in _PARENTS), None)


def _is_transient(key: Key) -> bool:
    """Tell whether Okta made a session for a single request with a token, which is the session that counts."""
    return key[0] == "okta session" and key[1].startswith("trs")
