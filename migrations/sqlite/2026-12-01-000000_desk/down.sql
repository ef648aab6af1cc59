-- Not taken back: a report that somebody acts on has no state in the tables of before. Restore the backup that was made before the update.
SELECT 1;
