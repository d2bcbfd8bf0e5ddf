-- Names the columns and the members of stored exchanges as the code names them. Quotation marks inside
-- a JSON string are escaped, so the patterns match only members.
ALTER TABLE idempotency RENAME COLUMN reply TO response;
ALTER TABLE sandbox RENAME COLUMN behaviours TO behaviors;
UPDATE exchange SET body =
    replace(replace(body, '"reply":{', '"response":{'), '"kind":"reply"', '"kind":"response"');
UPDATE undo_step SET reset = replace(reset, '"behaviours":', '"behaviors":') WHERE reset IS NOT NULL;
