DROP TABLE dropped_visits;
DROP INDEX dated_visits_site;
ALTER TABLE dated_visits DROP COLUMN changed_at;
ALTER TABLE dated_visits DROP COLUMN revision;
DROP TABLE calendar_feeds;
