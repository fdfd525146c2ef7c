-- read-duckdb.sql: CloudTrail's files as rows r, one a record.
SELECT unnest(Records) AS r FROM read_json(getvariable('iamreplay_files'), format = 'auto', maximum_object_size = 134217728,
		columns = {Records: 'STRUCT(eventVersion VARCHAR, eventTime VARCHAR, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR,
		sourceIPAddress VARCHAR, userAgent VARCHAR, errorCode VARCHAR, errorMessage VARCHAR, requestParameters JSON, responseElements JSON,
		eventID VARCHAR, readOnly VARCHAR, resources JSON, eventType VARCHAR, managementEvent VARCHAR, recipientAccountId VARCHAR,
		sharedEventID VARCHAR, vpcEndpointId VARCHAR, tlsDetails STRUCT(tlsVersion VARCHAR),
		userIdentity STRUCT("type" VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR,
		invokedBy VARCHAR, identityProvider VARCHAR, onBehalfOf STRUCT(userId VARCHAR, identityStoreArn VARCHAR),
		sessionContext STRUCT(sessionIssuer STRUCT(principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR),
		attributes STRUCT(mfaAuthenticated VARCHAR), sourceIdentity VARCHAR)))[]'})
