"""Chief coordinators, coordinators, engagements and qualification surveys."""
