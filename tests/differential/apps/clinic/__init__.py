"""Patients and visits: the Query API, a scoped session, as it was written for 1.x."""
