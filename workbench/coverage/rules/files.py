"""What digest files show: log files that are missing or altered, and chains that do not hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.coverage.facts import Facts
from workbench.coverage.making import Rule, make_gap, moment
from workbench.model.digest import CheckedDigest, CheckedFile, FileState, Signature
from workbench.model.gap import Certainty, Gap, GapKind, Scope

MISSING = Rule("listed-file-missing", 1, "a CloudTrail digest lists a log file that is not on hand")
ALTERED = Rule("listed-file-altered", 2, "a log file has another SHA-256 than the CloudTrail digest gives")
EXTRA = Rule("file-not-listed", 2, "a log file lies in time that digests cover, and none of them lists it")
DIGEST_ALTERED = Rule(
    "digest-altered", 1, "a digest has another SHA-256 than the digest after it gives, or a wrong signature"
)
CHAIN = Rule("digest-missing", 1, "a digest names another one before it that is not on hand")


def files(facts: Facts) -> Iterator[Gap]:
    """Yield the gaps that digests show."""
    validation = facts.validation
    by_reference = {each.reference: each for each in validation.digests}
    for run in _missing_runs(validation.files):
        yield _missing(run, by_reference[run[0].digest])
    for each in validation.files:
        if each.state is FileState.ALTERED:
            yield _altered(each, by_reference[each.digest])
    for digest in validation.digests:
        if digest.altered or digest.signature is Signature.WRONG:
            yield _bad_digest(digest)
    for gone in validation.missing:
        yield make_gap(
            CHAIN,
            GapKind.MISSING_FILE,
            "aws.cloudtrail",
            Scope(
                text=f"digest {gone.path.rpartition('/')[2]}",
                accounts=(gone.account,) if gone.account else (),
                regions=(gone.region,) if gone.region else (),
                subject=gone.path,
            ),
            (gone.start, gone.end),
            Certainty.SHOWN,
            detected="the digest after it names it as the one before, and it is not on hand: the chain is broken",
            records=(gone.named_by,),
            effect="Whether all log files of that time are on hand, and unaltered, can be neither shown nor ruled out.",
            request=f"`aws s3 cp s3://{gone.path} .`, with `aws s3api head-object` for its signature.",
        )
    for extra in validation.extra:
        yield make_gap(
            EXTRA,
            GapKind.ALTERED,
            "aws.cloudtrail",
            Scope(text=extra.name, subject=extra.sha256, contents=(extra.sha256,)),
            (None, None),
            Certainty.LIKELY,
            detected=f"SHA-256 {extra.sha256}: no digest of its account, region and time lists it",
            effect="That CloudTrail delivered this file cannot be stated.",
            request="The file from the trail's bucket with its version history; digests of every trail that writes there.",
        )


def _missing_runs(listed: Iterable[CheckedFile]) -> Iterator[list[CheckedFile]]:
    """Yield missing files of one account and region in runs that no file on hand parts: one hole in the collection each."""
    places: dict[tuple[str | None, str | None], list[CheckedFile]] = {}
    for each in listed:
        places.setdefault((each.account, each.region), []).append(each)
    for own in places.values():
        run: list[CheckedFile] = []
        for each in sorted(own, key=lambda each: (each.oldest or 0, each.newest or 0, each.path)):
            if each.state is FileState.MISSING:
                run.append(each)
            elif run:
                yield run
                run = []
        if run:
            yield run


def _missing(run: list[CheckedFile], digest: CheckedDigest) -> Gap:
    first = run[0]
    low = min((each.oldest for each in run if each.oldest is not None), default=None)
    high = max((each.newest for each in run if each.newest is not None), default=None)
    name = first.path.rpartition("/")[2]
    where = " ".join(part for part in (first.account, first.region) if part)
    return make_gap(
        MISSING,
        GapKind.MISSING_FILE,
        "aws.cloudtrail",
        Scope(
            text=name if len(run) == 1 else f"{len(run):,} files of {where}",
            accounts=(first.account,) if first.account else (),
            regions=(first.region,) if first.region else (),
            subject=first.path,
        ),
        (low, high),
        Certainty.SHOWN,
        detected=(
            f"listed with SHA-256 {first.sha256}, and not on hand ({_standing(digest)})"
            if len(run) == 1
            else f"{len(run):,} files are listed and not on hand, the first {name} ({first.sha256})"
        ),
        records=[each.digest for each in run],
        effect=f"What the records of {'this file' if len(run) == 1 else 'these files'} say ({moment(low)} to"
        f" {moment(high)}) can be neither shown nor ruled out.",
        request=f"`aws s3 cp s3://{first.path} .`"
        + (
            f" and the {len(run) - 1:,} others (`workbench coverage CASE --digests` names them)"
            if len(run) > 1
            else ""
        )
        + ", and the bucket's versions and access log if it is gone.",
    )


def _altered(file: CheckedFile, digest: CheckedDigest) -> Gap:
    return make_gap(
        ALTERED,
        GapKind.ALTERED,
        "aws.cloudtrail",
        Scope(
            text=file.path.rpartition("/")[2],
            accounts=(file.account,) if file.account else (),
            regions=(file.region,) if file.region else (),
            subject=file.path,
            contents=file.altered,
        ),
        (file.oldest, file.newest),
        Certainty.SHOWN,
        detected=f"listed with SHA-256 {file.sha256}; the file on hand has {file.found} ({_standing(digest)})",
        records=(file.digest,),
        effect="That the records of this file are as CloudTrail delivered them cannot be stated: the file was changed after"
        " delivery.",
        request=f"`aws s3 cp s3://{file.path} .`, and the bucket's versions and access log.",
    )


def _bad_digest(digest: CheckedDigest) -> Gap:
    return make_gap(
        DIGEST_ALTERED,
        GapKind.ALTERED,
        "aws.cloudtrail",
        Scope(
            text=f"digest {digest.path.rpartition('/')[2]}",
            accounts=(digest.account,) if digest.account else (),
            regions=(digest.region,) if digest.region else (),
            subject=digest.path,
        ),
        (digest.start, digest.end),
        Certainty.SHOWN,
        detected="the digest after it gives another SHA-256"
        if digest.altered
        else f"its signature does not verify (from {digest.by})",
        records=(digest.reference,),
        effect="Whether all log files of that time are on hand, and unaltered, can be neither shown nor ruled"
        " out: what lists them was"
        " changed itself.",
        request=f"`aws s3 cp s3://{digest.path} .` again, with `aws s3api head-object` for its signature, and"
        " `aws cloudtrail list-public-keys` for that time.",
    )


def _standing(digest: CheckedDigest) -> str:
    if digest.altered:
        return "the digest itself was altered"
    if digest.signature is Signature.VALID:
        return "the digest's signature is valid"
    if digest.signature is Signature.WRONG:
        return "the digest's signature is wrong"
    return f"the digest's signature is unchecked: {digest.signature.value}"
