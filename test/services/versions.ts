/** What the services are, exactly. `compose.yaml` names images of the same versions; a test compares. */
export const KAFKA_VERSION = '4.3.1';
export const LOG4J_VERSION = '2.24.3';
/** Of the `flink` command. */
export const FLINK_VERSION = '2.1.1';
/** Of `sql-client.sh`: the newest 2.1 whose jars can all be had from mirrors of Maven Central. */
export const SQL_CLIENT_VERSION = '2.1.0';
export const DYNAMODB_LOCAL_VERSION = '3.1.0';
export const MINISTACK_VERSION = '1.5.33';
/** The last open version; an AWS emulator where Docker is there. */
export const LOCALSTACK_VERSION = '4.14.0';
/** Of Apache Iceberg's libraries, and of what its REST catalog fixture runs on. */
export const ICEBERG_VERSION = '1.10.0';
export const ICEBERG_HADOOP_VERSION = '3.4.1';
export const JETTY_VERSION = '11.0.25';
export const PYICEBERG_VERSION = '0.12.0';
