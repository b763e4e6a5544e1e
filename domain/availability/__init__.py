"""What each channel may show of the stock: ATP, allocation, safety stock, and why."""
