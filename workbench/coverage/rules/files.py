"""What digest files show: log files that are missing or altered, and chains that do not hold."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.coverage.facts import Facts
from workbench.coverage.making import Rule, make_gap, moment
from workbench.model.digest import CheckedDigest, FileState, Signature
from workbench.model.gap import Certainty, Gap, GapKind, Scope

MISSING = Rule("listed-file-missing", 1, "a CloudTrail digest lists a log file that is not on hand")
ALTERED = Rule("listed-file-altered", 1, "a log file has another SHA-256 than the CloudTrail digest gives")
EXTRA = Rule("file-not-listed", 1, "a log file lies in time that digests cover, and none of them lists it")
DIGEST_ALTERED = Rule(
    "digest-altered", 1, "a digest has another SHA-256 than the digest after it gives, or a wrong signature"
)
CHAIN = Rule("digest-missing", 1, "a digest names another one before it that is not on hand")


def files(facts: Facts) -> Iterator[Gap]:
    """Yield the gaps that digests show."""
    validation = facts.validation
    by_reference = {each.reference: each for each in validation.digests}
    for each in validation.files:
        if each.state is FileState.INTACT:
            continue
        missing = each.state is FileState.MISSING
        name = each.path.rpartition("/")[2]
        yield make_gap(
            MISSING if missing else ALTERED,
            GapKind.MISSING_FILE if missing else GapKind.ALTERED,
            "aws.cloudtrail",
            Scope(
                text=name,
                accounts=(each.account,) if each.account else (),
                regions=(each.region,) if each.region else (),
                subject=each.path,
            ),
            (each.oldest, each.newest),
            Certainty.SHOWN,
            detected=(
                "listed with SHA-256 "
                + each.sha256
                + (", and not on hand" if missing else f"; the file on hand has {each.found}")
                + f" ({_standing(by_reference[each.digest])})"
            ),
            records=(each.digest,),
            effect=f"What the records of this file say ({moment(each.oldest)} to {moment(each.newest)}) can be"
            f" neither shown nor ruled out."
            if missing
            else "That the records of this file are as CloudTrail delivered them cannot be stated: the file was"
            " changed after delivery.",
            request=f"`aws s3 cp s3://{each.path} .`, and the bucket's versions and access log if it is gone.",
        )
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
            Scope(text=extra.name, subject=extra.sha256),
            (None, None),
            Certainty.LIKELY,
            detected=f"SHA-256 {extra.sha256}: no digest of its account, region and time lists it",
            effect="That CloudTrail delivered this file cannot be stated.",
            request="The file from the trail's bucket with its version history; digests of every trail that writes there.",
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
