"""The tutti command."""
