-- For whom a credential was made, by the id that its system gives out once: a role made anew has its old name and another id.

ALTER TABLE issued_credential ADD COLUMN issued_to_id TEXT;
