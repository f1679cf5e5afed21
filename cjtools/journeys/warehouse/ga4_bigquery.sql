-- Events of GA4's export to BigQuery, flat: one row an event, one column for each thing that journeys need.
-- Each parameter is taken by a subquery of its own: to unnest them beside the events would multiply the rows.
-- The days are those of the daily tables; tables of the running day (events_intraday_…) have other suffixes.
SELECT
  event_timestamp,
  event_name,
  event_date,
  user_id,
  user_pseudo_id,
  batch_page_id,
  batch_ordering_id,
  batch_event_index,
  privacy_info.analytics_storage AS analytics_storage,
  device.category AS device,
  ecommerce.transaction_id AS order_id,
  ecommerce.purchase_revenue AS purchase_revenue,
  collected_traffic_source.manual_source AS manual_source,
  collected_traffic_source.manual_medium AS manual_medium,
  collected_traffic_source.manual_campaign_name AS manual_campaign_name,
  collected_traffic_source.gclid AS gclid,
  session_traffic_source_last_click.manual_campaign.source AS click_manual_source,
  session_traffic_source_last_click.manual_campaign.medium AS click_manual_medium,
  session_traffic_source_last_click.manual_campaign.campaign_name AS click_manual_campaign,
  session_traffic_source_last_click.cross_channel_campaign.source AS click_channel_source,
  session_traffic_source_last_click.cross_channel_campaign.medium AS click_channel_medium,
  session_traffic_source_last_click.cross_channel_campaign.campaign_name AS click_channel_campaign,
  session_traffic_source_last_click.google_ads_campaign.campaign_name AS click_ads,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'page_location' ORDER BY place LIMIT 1) AS param_page_location,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'ga_session_id' ORDER BY place LIMIT 1) AS param_ga_session_id,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'traffic_type' ORDER BY place LIMIT 1) AS param_traffic_type,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'source' ORDER BY place LIMIT 1) AS param_source,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'medium' ORDER BY place LIMIT 1) AS param_medium,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'campaign' ORDER BY place LIMIT 1) AS param_campaign,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'currency' ORDER BY place LIMIT 1) AS param_currency,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'transaction_id' ORDER BY place LIMIT 1) AS param_transaction_id,
  (SELECT COALESCE(value.string_value, CAST(value.int_value AS STRING), CAST(value.float_value AS STRING), CAST(value.double_value AS STRING))
    FROM UNNEST(event_params) WITH OFFSET AS place WHERE key = 'gclid' ORDER BY place LIMIT 1) AS param_gclid
FROM `${table}_*`
WHERE _TABLE_SUFFIX BETWEEN '$first' AND '$last'
