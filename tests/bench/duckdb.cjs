// duckdb.cjs - bench: reads eight fields of each record of a trail into a table on disk.
//     node duckdb.cjs TRAIL THREADS DATABASE
const { DuckDBInstance } = require('@duckdb/node-api');

async function main() {
	const [trail, threads, database] = process.argv.slice(2);
	const instance = await DuckDBInstance.create(database, { threads });
	const connection = await instance.connect();
	await connection.run(`CREATE TABLE event AS
		SELECT r.eventTime, r.eventSource, r.eventName, r.awsRegion, r.recipientAccountId, r.errorCode, r.eventID,
			r.userIdentity.arn AS arn
		FROM (SELECT unnest(Records) AS r FROM read_json('${trail}/**/*.json.gz',
			maximum_object_size = 600000000,
			columns = {Records: 'STRUCT(eventTime TIMESTAMP, eventSource VARCHAR, eventName VARCHAR, awsRegion VARCHAR,
				recipientAccountId VARCHAR, errorCode VARCHAR, eventID VARCHAR, userIdentity STRUCT(arn VARCHAR))[]'}))`);
	const rows = await connection.runAndReadAll('SELECT count(*) FROM event');
	console.log(String(rows.getRows()[0][0]));
	connection.closeSync();
	instance.closeSync();
}

main();
