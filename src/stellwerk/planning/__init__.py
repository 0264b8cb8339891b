"""The planning room: the schedule of every project. So far the exchange of schedule files stands."""
