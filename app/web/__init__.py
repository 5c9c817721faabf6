"""What only the web needs: templates, assets, guards, headers."""
