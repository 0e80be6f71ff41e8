DROP TABLE dated_visits;
DROP TABLE time_away;
DROP TABLE calendar_entries;
