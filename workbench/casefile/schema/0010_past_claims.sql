-- Versions of claims that no longer stand, or whose events are no longer all there: what was said before is asked at every tag,
-- and must not read all claims through.
CREATE INDEX claim_past ON claim (kind) WHERE superseded_by IS NOT NULL OR missing > 0;
