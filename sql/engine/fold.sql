-- fold.sql: where one caller has more requests of one operation (and bucket, log group) in the day than a stated number,
-- their names are folded as ingest folds them (call/shape.h, store/fold-call.c): ids, and if that is not enough numbers; of
-- an object's key or a log stream's name so many directories are kept. Appended to reduce.sql, whose rows are "made".
-- A name that may be spelled with escapes in one text and without in another stays whole.
-- f_kind: 0 is never folded, 1 has ids and numbers, 2 a name of directories. f_level: 3 nothing is folded, to 0.
),
placed AS (
	SELECT *, CASE @{places} ELSE '' END AS f_place, CASE @{names} ELSE '' END AS f_name, CASE @{befores} ELSE '' END AS f_before
	FROM made
),
sorted AS (
	SELECT *,
		CASE WHEN @{unfolded} THEN 0
			WHEN @position(requestparameters || resources, '\u0001') > 0 OR @position(errormessage, @mark()) > 0 THEN 0
			WHEN @{has_name} THEN CASE WHEN @match(requestparameters, '^[{][^{]*$') AND f_place <> '' AND f_name <> ''
				AND NOT @match(f_place, @{hidden}) AND NOT @match(f_name, @{hidden}) AND @bytes(f_name) <= @{longest}
				AND NOT @match(f_name, '://|^(arn|(?i:data)|(?i:jdbc)):')
				AND (@match(f_name, '^[ -~]+$') OR resources = '' OR @position(resources, f_before || f_name || '"') > 0) THEN 2 ELSE 0 END
			WHEN @{apart} THEN 0
			ELSE 1 END AS f_kind
	FROM placed
),
told_apart AS (
	SELECT *, CASE WHEN f_kind = 2 THEN f_place ELSE '' END AS f_group, row_number() OVER (PARTITION BY f_kind, f_caller,
		eventsource, eventname, requestparameters, resources, errormessage) AS f_seen
	FROM sorted
),
sized AS (
	SELECT *, CASE WHEN f_kind = 0 THEN 0 ELSE sum(CASE WHEN f_seen = 1 THEN 1 ELSE 0 END)
		OVER (PARTITION BY f_kind, f_caller, eventsource, eventname, f_group) END AS f_requests
	FROM told_apart
),
shaped AS (
	SELECT *, @{each_level}
	FROM sized
),
shapes_told_apart AS (
	SELECT *,
		row_number() OVER (PARTITION BY f_kind, f_caller, eventsource, eventname, f_group,
			f_parameters_2, f_resources_2, f_message_2) AS f_seen_2,
		row_number() OVER (PARTITION BY f_kind, f_caller, eventsource, eventname, f_group,
			f_parameters_1, f_resources_1, f_message_1) AS f_seen_1
	FROM shaped
),
shapes_sized AS (
	SELECT *,
		sum(CASE WHEN f_seen_2 = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY f_kind, f_caller, eventsource, eventname, f_group)
			AS f_requests_2,
		sum(CASE WHEN f_seen_1 = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY f_kind, f_caller, eventsource, eventname, f_group)
			AS f_requests_1
	FROM shapes_told_apart
),
levelled AS (
	SELECT *, CASE WHEN f_requests <= @{most} THEN 3 WHEN f_requests_2 <= @{most} THEN 2
		WHEN f_kind = 1 OR f_requests_1 <= @{most} THEN 1 ELSE 0 END AS f_level
	FROM shapes_sized
),
chosen AS (
	SELECT *,
		CASE f_level WHEN 2 THEN f_parameters_2 WHEN 1 THEN f_parameters_1 WHEN 0 THEN f_parameters_0 ELSE requestparameters END
			AS f_parameters,
		CASE f_level WHEN 2 THEN f_resources_2 WHEN 1 THEN f_resources_1 WHEN 0 THEN f_resources_0 ELSE resources END AS f_resources,
		CASE f_level WHEN 2 THEN f_message_2 WHEN 1 THEN f_message_1 WHEN 0 THEN f_message_0 ELSE errormessage END AS f_message
	FROM levelled
),
folded_rows AS (
	SELECT events AS f_events, "first" AS f_first, "last" AS f_last, eventid AS f_eventid, owneraccountid, @{other_columns},
		CASE WHEN f_parameters = requestparameters AND f_resources = resources AND f_message = errormessage THEN ''
			ELSE CAST(f_level AS @text()) END AS folded,
		f_parameters AS f_requestparameters, f_resources, f_message
	FROM chosen
)
SELECT 1 AS iamreplay_reduced, CAST(sum(f_events) AS BIGINT) AS events, min(f_first) AS "first", max(f_last) AS "last",
	@least_by(f_eventid, f_first || f_eventid) AS eventid, owneraccountid, folded,
	f_requestparameters AS requestparameters, f_resources AS resources, f_message AS errormessage,
	@{other_columns}
FROM folded_rows
GROUP BY owneraccountid, folded, f_requestparameters, f_resources, f_message, @{other_columns}
