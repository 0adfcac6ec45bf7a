-- Nothing looks sessions up by their parent, or forwarded calls by their time; most forwarded calls are of no session.
DROP INDEX session_by_parent;
DROP INDEX forwarded_call_by_time;
DROP INDEX forwarded_call_by_session;
CREATE INDEX forwarded_call_by_session ON forwarded_call (session_id) WHERE session_id IS NOT NULL;
