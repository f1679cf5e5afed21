-- Events of GA4's export in a table of Snowflake, flat: one row an event, one column for each thing that journeys need.
-- The columns are BigQuery's; records are VARIANT, event_params is an ARRAY of {key, value} objects.
-- Parameters by FILTER, since Snowflake refuses most subqueries over the array of their own row. Names in quotes keep
-- their small letters.
SELECT
  event_timestamp AS "event_timestamp",
  event_name AS "event_name",
  event_date AS "event_date",
  user_id AS "user_id",
  user_pseudo_id AS "user_pseudo_id",
  batch_page_id AS "batch_page_id",
  batch_ordering_id AS "batch_ordering_id",
  batch_event_index AS "batch_event_index",
  privacy_info:analytics_storage::STRING AS "analytics_storage",
  device:category::STRING AS "device",
  ecommerce:transaction_id::STRING AS "order_id",
  ecommerce:purchase_revenue::STRING AS "purchase_revenue",
  collected_traffic_source:manual_source::STRING AS "manual_source",
  collected_traffic_source:manual_medium::STRING AS "manual_medium",
  collected_traffic_source:manual_campaign_name::STRING AS "manual_campaign_name",
  collected_traffic_source:gclid::STRING AS "gclid",
  session_traffic_source_last_click:manual_campaign.source::STRING AS "click_manual_source",
  session_traffic_source_last_click:manual_campaign.medium::STRING AS "click_manual_medium",
  session_traffic_source_last_click:manual_campaign.campaign_name::STRING AS "click_manual_campaign",
  session_traffic_source_last_click:cross_channel_campaign.source::STRING AS "click_channel_source",
  session_traffic_source_last_click:cross_channel_campaign.medium::STRING AS "click_channel_medium",
  session_traffic_source_last_click:cross_channel_campaign.campaign_name::STRING AS "click_channel_campaign",
  session_traffic_source_last_click:google_ads_campaign.campaign_name::STRING AS "click_ads",
  COALESCE(
    FILTER(event_params, p -> p:key = 'page_location')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'page_location')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'page_location')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'page_location')[0]:value:double_value::STRING
  ) AS "param_page_location",
  COALESCE(
    FILTER(event_params, p -> p:key = 'ga_session_id')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'ga_session_id')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'ga_session_id')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'ga_session_id')[0]:value:double_value::STRING
  ) AS "param_ga_session_id",
  COALESCE(
    FILTER(event_params, p -> p:key = 'traffic_type')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'traffic_type')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'traffic_type')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'traffic_type')[0]:value:double_value::STRING
  ) AS "param_traffic_type",
  COALESCE(
    FILTER(event_params, p -> p:key = 'source')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'source')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'source')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'source')[0]:value:double_value::STRING
  ) AS "param_source",
  COALESCE(
    FILTER(event_params, p -> p:key = 'medium')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'medium')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'medium')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'medium')[0]:value:double_value::STRING
  ) AS "param_medium",
  COALESCE(
    FILTER(event_params, p -> p:key = 'campaign')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'campaign')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'campaign')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'campaign')[0]:value:double_value::STRING
  ) AS "param_campaign",
  COALESCE(
    FILTER(event_params, p -> p:key = 'currency')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'currency')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'currency')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'currency')[0]:value:double_value::STRING
  ) AS "param_currency",
  COALESCE(
    FILTER(event_params, p -> p:key = 'transaction_id')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'transaction_id')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'transaction_id')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'transaction_id')[0]:value:double_value::STRING
  ) AS "param_transaction_id",
  COALESCE(
    FILTER(event_params, p -> p:key = 'gclid')[0]:value:string_value::STRING,
    FILTER(event_params, p -> p:key = 'gclid')[0]:value:int_value::STRING,
    FILTER(event_params, p -> p:key = 'gclid')[0]:value:float_value::STRING,
    FILTER(event_params, p -> p:key = 'gclid')[0]:value:double_value::STRING
  ) AS "param_gclid"
FROM $table
WHERE event_date BETWEEN '$first' AND '$last'
