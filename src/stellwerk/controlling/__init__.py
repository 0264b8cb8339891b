"""Money: budgets, actuals, months, earned value, forecasts, benefits, business cases, investment rounds, risk of dates and cost."""
