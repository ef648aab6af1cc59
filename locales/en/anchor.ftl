# The daily mail to outsiders who keep heads of the audit log.
anchor-mail-subject = Anchor of the audit log
anchor-mail-opening = Please keep this message. It shows later whether records were changed; it contains nothing about people or reports. There is nothing else to do.
staff-mail-list-anchor = Keepers of anchors
