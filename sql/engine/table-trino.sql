-- table-trino.sql: the columns that the statements read; whoever copies records into Trino makes such a table.
CREATE TABLE IF NOT EXISTS @{table} (
	eventversion varchar,
	useridentity ROW(type varchar, principalid varchar, arn varchar, accountid varchar, accesskeyid varchar, username varchar,
		invokedby varchar, identityprovider varchar, onbehalfof ROW(userid varchar, identitystorearn varchar),
		sessioncontext ROW(sessionissuer ROW(principalid varchar, arn varchar, accountid varchar, username varchar),
			attributes ROW(mfaauthenticated varchar), sourceidentity varchar)),
	eventtime varchar, eventsource varchar, eventname varchar, awsregion varchar, sourceipaddress varchar, useragent varchar,
	errorcode varchar, errormessage varchar, requestparameters varchar, responseelements varchar, eventid varchar, readonly varchar,
	resources ARRAY(ROW(arn varchar, arnprefix varchar, accountid varchar, type varchar)),
	eventtype varchar, managementevent varchar, recipientaccountid varchar, sharedeventid varchar, vpcendpointid varchar,
	tlsdetails ROW(tlsversion varchar)
)
