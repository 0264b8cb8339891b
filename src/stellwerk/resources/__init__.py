"""People and capacity: who is needed, who is booked, who has time, who worked."""
