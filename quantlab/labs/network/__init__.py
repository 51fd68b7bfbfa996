"""The network lab: how few bits does a network need?"""
