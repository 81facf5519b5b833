Set-DhcpServerv4OptionValue `
 -OptionId 150 -Value "10.77.0.1", 10.77.0.2
netsh dhcp server add optiondef 150 T STRING 0
