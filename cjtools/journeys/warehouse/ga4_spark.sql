-- Events of GA4's export in a table of Spark or Databricks, flat: one row an event, one column for each thing that
-- journeys need. The columns and records are BigQuery's. GET gives null where an event has no such parameter.
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
  coalesce(
    get(filter(event_params, p -> p.key = 'page_location'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'page_location'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'page_location'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'page_location'), 0).value.double_value AS string)
  ) AS param_page_location,
  coalesce(
    get(filter(event_params, p -> p.key = 'ga_session_id'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'ga_session_id'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'ga_session_id'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'ga_session_id'), 0).value.double_value AS string)
  ) AS param_ga_session_id,
  coalesce(
    get(filter(event_params, p -> p.key = 'traffic_type'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'traffic_type'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'traffic_type'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'traffic_type'), 0).value.double_value AS string)
  ) AS param_traffic_type,
  coalesce(
    get(filter(event_params, p -> p.key = 'source'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'source'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'source'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'source'), 0).value.double_value AS string)
  ) AS param_source,
  coalesce(
    get(filter(event_params, p -> p.key = 'medium'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'medium'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'medium'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'medium'), 0).value.double_value AS string)
  ) AS param_medium,
  coalesce(
    get(filter(event_params, p -> p.key = 'campaign'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'campaign'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'campaign'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'campaign'), 0).value.double_value AS string)
  ) AS param_campaign,
  coalesce(
    get(filter(event_params, p -> p.key = 'currency'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'currency'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'currency'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'currency'), 0).value.double_value AS string)
  ) AS param_currency,
  coalesce(
    get(filter(event_params, p -> p.key = 'transaction_id'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'transaction_id'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'transaction_id'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'transaction_id'), 0).value.double_value AS string)
  ) AS param_transaction_id,
  coalesce(
    get(filter(event_params, p -> p.key = 'gclid'), 0).value.string_value,
    cast(get(filter(event_params, p -> p.key = 'gclid'), 0).value.int_value AS string),
    cast(get(filter(event_params, p -> p.key = 'gclid'), 0).value.float_value AS string),
    cast(get(filter(event_params, p -> p.key = 'gclid'), 0).value.double_value AS string)
  ) AS param_gclid
FROM $table
WHERE event_date BETWEEN '$first' AND '$last'
