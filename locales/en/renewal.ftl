## A person's own key

renewal-banner = Your own key is due to be renewed.
renewal-banner-link = Renew it
