package dev.forebay.spi.state;

/** The state of one part of a gateway. */
public sealed interface PartState permits PoolState, AdmissionState, DiscoveryState {}
