-- What has come in since the window began, told every minute of its three: each row holds what the one before it held.
USE CATALOG iceberg_catalog;
CREATE DATABASE IF NOT EXISTS demo;
USE demo;

CREATE TABLE IF NOT EXISTS cumulate_revenue (
    window_start TIMESTAMP(6),
    window_end TIMESTAMP(6),
    purchases BIGINT,
    revenue INT
);

USE CATALOG default_catalog;

CREATE TABLE cumulate_events (
    event_id STRING,
    user_id STRING,
    event_type STRING,
    amount INT,
    event_time TIMESTAMP(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'cumulate-events',
    'properties.bootstrap.servers' = 'kafka:29092',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO iceberg_catalog.demo.cumulate_revenue
SELECT
    window_start,
    window_end,
    COUNT(*) AS purchases,
    SUM(amount) AS revenue
FROM TABLE(
    CUMULATE(TABLE cumulate_events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)
)
WHERE event_type = 'purchase'
GROUP BY window_start, window_end;
