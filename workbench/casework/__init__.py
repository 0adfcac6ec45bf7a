"""What a responder does, one module a verb. Joins readers, case file and journal; knows neither SQL nor screens."""
