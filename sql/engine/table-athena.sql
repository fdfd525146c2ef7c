-- table-athena.sql: a trail's bucket as a table of Athena; the columns that the statements read, and what else records have.
-- https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html
CREATE EXTERNAL TABLE IF NOT EXISTS @{table} (
	eventversion string,
	useridentity struct<type:string, principalid:string, arn:string, accountid:string, accesskeyid:string, username:string,
		invokedby:string, identityprovider:string, onbehalfof:struct<userid:string, identitystorearn:string>,
		sessioncontext:struct<sessionissuer:struct<type:string, principalid:string, arn:string, accountid:string, username:string>,
			attributes:struct<mfaauthenticated:string, creationdate:string>,
			webidfederationdata:struct<federatedprovider:string, attributes:map<string,string>>,
			sourceidentity:string, ec2roledelivery:string>>,
	eventtime string, eventsource string, eventname string, awsregion string, sourceipaddress string, useragent string,
	errorcode string, errormessage string, requestparameters string, responseelements string, additionaleventdata string,
	requestid string, eventid string, readonly string,
	resources array<struct<arn:string, arnprefix:string, accountid:string, type:string>>,
	eventtype string, apiversion string, managementevent string, recipientaccountid string, serviceeventdetails string,
	sharedeventid string, vpcendpointid string, vpcendpointaccountid string, eventcategory string,
	tlsdetails struct<tlsversion:string, ciphersuite:string, clientprovidedhostheader:string>
)
PARTITIONED BY (account string, region string, `timestamp` string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
	OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION @{source}
TBLPROPERTIES (
	'projection.enabled' = 'true',
	'projection.account.type' = 'enum',
	'projection.account.values' = @{accounts},
	'projection.region.type' = 'enum',
	'projection.region.values' = @{regions},
	'projection.timestamp.type' = 'date',
	'projection.timestamp.format' = 'yyyy/MM/dd',
	'projection.timestamp.interval' = '1',
	'projection.timestamp.interval.unit' = 'DAYS',
	'projection.timestamp.range' = @{range},
	'storage.location.template' = @{location}
)
