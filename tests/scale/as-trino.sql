CREATE MACRO json_parse(s) AS CAST(s AS JSON);
CREATE MACRO json_format(j) AS CAST(j AS VARCHAR);
CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p);
CREATE MACRO array_join(a, s) AS array_to_string(a, s);
CREATE MACRO to_utf8(s) AS repeat('x', strlen(s));
CREATE OR REPLACE MACRO map_entries(m) AS list_zip(map_keys(m), map_values(m));
SET lambda_syntax = 'ENABLE_SINGLE_ARROW';
CREATE TABLE trail AS SELECT r.eventVersion AS eventversion, r.userIdentity AS useridentity, r.eventTime AS eventtime,
	r.eventSource AS eventsource, r.eventName AS eventname, r.awsRegion AS awsregion, r.sourceIPAddress AS sourceipaddress,
	r.userAgent AS useragent, r.errorCode AS errorcode, r.errorMessage AS errormessage,
	nullif(CAST(r.requestParameters AS VARCHAR), 'null') AS requestparameters,
	nullif(CAST(r.responseElements AS VARCHAR), 'null') AS responseelements, r.eventID AS eventid, r.readOnly AS readonly,
	r.eventType AS eventtype, r.recipientAccountId AS recipientaccountid, r.sharedEventID AS sharedeventid,
	r.vpcEndpointId AS vpcendpointid, r.managementEvent AS managementevent, r.resources AS resources, r.tlsDetails AS tlsdetails
	FROM (SELECT unnest(Records) AS r FROM read_json(getvariable('iamreplay_files'), maximum_object_size = 134217728, columns = {Records:
		'STRUCT(eventVersion VARCHAR, userIdentity STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR,
		accessKeyId VARCHAR, userName VARCHAR, invokedBy VARCHAR, identityProvider VARCHAR, sessionContext STRUCT(sessionIssuer
		STRUCT(principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR), attributes STRUCT(mfaAuthenticated VARCHAR),
		sourceIdentity VARCHAR), onBehalfOf STRUCT(userId VARCHAR, identityStoreArn VARCHAR)), eventTime VARCHAR, eventSource VARCHAR,
		eventName VARCHAR, awsRegion VARCHAR, sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR,
		requestParameters JSON, responseElements JSON, eventID VARCHAR, readOnly VARCHAR, eventType VARCHAR, recipientAccountId VARCHAR,
		sharedEventID VARCHAR, vpcEndpointId VARCHAR, managementEvent VARCHAR,
		resources STRUCT("ARN" VARCHAR, "ARNPrefix" VARCHAR, accountId VARCHAR, "type" VARCHAR)[], tlsDetails STRUCT(tlsVersion VARCHAR))[]'}));
