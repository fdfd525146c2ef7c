-- Whether the tags of any session are known. No inputs. Rows: (any), 0 or 1.
SELECT EXISTS (SELECT 1 FROM key_owner WHERE tags <> '')
