## The audit trail

audit-who = Who
audit-report = Report
audit-detail = More
audit-find = Find
audit-none = No entry fits. Where there is an older page, go on looking there.
