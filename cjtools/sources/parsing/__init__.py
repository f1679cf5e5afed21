"""How texts become values: times, amounts, ids, codes, passages, channels."""
